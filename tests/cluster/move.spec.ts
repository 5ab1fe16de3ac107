import { expect } from 'chai'
import { until } from '../broker/messages.ts'
import { needs, redis } from '../servers.ts'
import { clusterSettings, runOn, startWholeCluster, stepWith, type WholeCluster } from './whole-cluster.ts'

const orderCount = 2_000
const everyMs = 200
const t0 = Date.now()
const mark = (what: string) =>
  process.stderr.write(`      ${((Date.now() - t0) / 1000).toFixed(1)} ${what}\n`)

type Queue = { name: string; type: string; leader: string; members: string[]; online: string[] }
type Connection = { name: string; node: string; user: string }

describe('a system whose RabbitMQ becomes a cluster, as the page says, while orders come in', function () {
  this.timeout(240_000)
  needs(redis)
  let cluster: WholeCluster
  let coming: ReturnType<WholeCluster['load']['steadily']>
  let pids: unknown

  before(async () => {
    cluster = await startWholeCluster(({ nodes: [first] }) => first.start())
    pids = cluster.pids()
    coming = cluster.load.steadily(everyMs, orderCount)
    mark('one node')
  })
  after(async () => {
    await cluster?.whole.stop()
  })

  const api = (method: string, path: string) => cluster.vhost.api(method, path)
  const queues = async () => (await api('GET', '/api/queues/choreo')) as Queue[]
  const haveMembers = (count: number) =>
    until(
      `every queue has ${count} members`,
      async () =>
        (await queues()).every(({ members, online }) => members.length === 3 && online.length === count),
      60_000,
    )
  const connectionOf = async (user: string) =>
    ((await api('GET', '/api/connections')) as Connection[]).find(one => one.user === user)
  /** Hangs up on tracking; resolves when it reads again over a node that has the journal. */
  const hangUpOnTracking = async () => {
    const before = await connectionOf('choreo.tracking')
    if (before) await api('DELETE', `/api/connections/${encodeURIComponent(before.name)}`)
    await until(
      'tracking is connected again',
      async () => {
        const now = await connectionOf('choreo.tracking')
        return now !== undefined && now.name !== before?.name
      },
      30_000,
    )
  }

  it('[I28] goes on while two nodes join and get copies of everything', async () => {
    const [first, second, third] = cluster.nodes
    for (const node of [second, third]) node.configure(clusterSettings)
    await Promise.all([second.start(), third.start()])
    mark('joined')
    await hangUpOnTracking()
    await cluster.haveEnded(await cluster.next(3))
    mark('tracking reads')
    expect(await runOn(first, stepWith('rabbitmq-queues grow'))).to.not.match(/error/i)
    mark('grown')
    await haveMembers(3)
    mark('members')
  })

  it('[I28] loses the node that leads everything, with kill -9, and every order ends without it', async () => {
    cluster.enter('killed')
    const [first] = cluster.nodes
    for (const { name, leader, type } of await queues())
      if (type === 'quorum') expect(leader, name).to.equal(first.name)
    while ((await connectionOf('choreo.tracking'))?.node !== first.name) await hangUpOnTracking()
    await first.kill()
    mark('killed')
    await cluster.haveEnded(await cluster.next(20))
    mark('ended')
    first.configure(clusterSettings)
    await first.start()
    mark('back')
    await haveMembers(3)
    mark('members')
  })

  it('[I28] is restarted node by node', async () => {
    cluster.enter('restarted')
    const [, ...others] = cluster.nodes
    for (const node of others) {
      const output = await runOn(node, stepWith('rabbitmq-upgrade drain'))
      expect(output)
        .to.match(/systemctl restart rabbitmq-server\s*$/)
        .and.not.match(/error/i)
      await node.stop()
      await node.start()
      mark('restarted')
    }
    await cluster.haveEnded(await cluster.next(5))
    mark('ended')
  })

  it('[I28] has lost nothing', async () => {
    await coming.stop()
    await cluster.load.balances(cluster.whole)
    expect(cluster.pids()).to.deep.equal(pids)
    mark('end')
  })
})
