import { expect } from 'chai'
import { until } from '../messaging/messages.ts'
import { needs, redis } from '../support/servers.ts'
import { losesItsMajority } from './lost-majority.ts'
import { turnMs } from './nodes.ts'
import { clusterSettings, runOn, startWholeCluster, stepWith, type WholeCluster } from './whole-cluster.ts'

type Queue = { name: string; type: string; leader: string; members: string[]; online: string[] }
type Connection = { name: string; node: string; user: string }

describe('a system whose RabbitMQ becomes a cluster, as the page says, while orders come in', function () {
  this.timeout(420_000)
  needs(redis)
  let cluster: WholeCluster

  before(async function () {
    this.timeout(turnMs)
    cluster = await startWholeCluster()
  })
  after(async () => {
    await cluster?.stop()
  })

  const api = (method: string, path: string) => cluster.vhost.api(method, path)
  const queues = async () => (await api('GET', '/api/queues/choreo')) as Queue[]
  const areThree = async () => (await queues()).every(({ online }) => online?.length === 3)
  const haveThreeMembers = () => until('every queue has three members that run', areThree, 60_000)
  const trackingReads = async () =>
    ((await api('GET', '/api/connections')) as Connection[]).find(({ user }) => user === 'choreo.tracking')
  /** Hangs up on tracking; resolves when it is connected again. */
  const hangUpOnTracking = async () => {
    const before = await trackingReads()
    if (before) await api('DELETE', `/api/connections/${encodeURIComponent(before.name)}`)
    const isNew = async () => {
      const now = await trackingReads()
      return now !== undefined && now.name !== before?.name
    }
    await until('tracking is connected again', isNew, 30_000)
  }

  it('[I35] goes on while two nodes join that nobody is told of yet', async () => {
    const [first, second, third] = cluster.nodes
    for (const node of [second, third]) node.configure(clusterSettings)
    await Promise.all([second.start(), third.start()])
    await runOn(first, stepWith('rabbit_stream_coordinator'))
    await cluster.haveEnded(await cluster.next(3))
  })

  it('[I35] goes on when everybody is told of them, although they have no part of any queue yet', async () => {
    cluster.tellEverybody()
    await hangUpOnTracking()
    await cluster.haveEnded(await cluster.next(3))
  })

  it('[I35] goes on while every queue gets three members', async () => {
    const [first] = cluster.nodes
    // What a busy node reports as an error it may have done all the same, and the page says to repeat it.
    const isGrown = async () => {
      await runOn(first, stepWith('rabbitmq-queues grow'))
      return areThree()
    }
    await until('every queue has three members that run', isGrown, 120_000)
    await cluster.haveEnded(await cluster.next(3))
  })

  it('[I35] brings every order to its end without the node that led every queue, killed with kill -9', async () => {
    const [first] = cluster.nodes
    const led = (await queues()).filter(({ type }) => type === 'quorum').map(({ leader }) => leader)
    expect(new Set(led)).to.deep.equal(new Set([first.name]))
    while ((await trackingReads())?.node !== first.name) await hangUpOnTracking()
    await first.kill()
    await cluster.haveEnded(await cluster.next(20))
  })

  it('[I35] goes on while that node comes back and the others are restarted, one after the other', async () => {
    const [first, ...others] = cluster.nodes
    first.configure(clusterSettings)
    await first.start()
    for (const node of others) {
      const output = await runOn(node, stepWith('rabbitmq-upgrade drain'))
      expect(output).to.match(/systemctl restart rabbitmq-server\s*$/)
      expect(output, output).to.not.match(/error/i)
      await node.stop()
      await node.start()
    }
    await haveThreeMembers()
    // A leader that is just moving is reported as an error, and the page says to repeat it.
    const isBalanced = async () => !/error/i.test(await runOn(first, stepWith('rabbitmq-queues rebalance')))
    await until('the leaders are spread', isBalanced, 60_000)
    await cluster.haveEnded(await cluster.next(5))
  })

  // Suites of their own, because suites run after the tests beside them.
  losesItsMajority(() => cluster)

  describe('after all of this', () => {
    it('[I35] has lost, doubled and parked nothing, answered 202 to every order, and started nothing else again', async () => {
      await cluster.coming.stop()
      await cluster.load.balances(cluster.whole)
      expect(cluster.statusesOf('POST /orders')).to.deep.equal([202])
      expect(cluster.pids()).to.deep.equal(cluster.pidsAtStart)
    })
  })
})
