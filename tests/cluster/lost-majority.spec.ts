import { expect } from 'chai'
import { until } from '../broker/messages.ts'
import { needs, redis } from '../servers.ts'
import { clusterSettings, runOn, startWholeCluster, stepWith, type WholeCluster } from './whole-cluster.ts'

const orderCount = 1_000
const everyMs = 200
const t0 = Date.now()
const mark = (what: string) =>
  process.stderr.write(`      ${((Date.now() - t0) / 1000).toFixed(1)} ${what}\n`)

describe('a system under load whose RabbitMQ loses two nodes of three', function () {
  this.timeout(240_000)
  needs(redis)
  let cluster: WholeCluster
  let coming: ReturnType<WholeCluster['load']['steadily']>
  let pids: unknown

  before(async () => {
    cluster = await startWholeCluster(async ({ nodes: [first, ...others] }) => {
      for (const node of [first, ...others]) node.configure(clusterSettings)
      await first.start()
      await Promise.all(others.map(node => node.start()))
    })
    pids = cluster.pids()
    coming = cluster.load.steadily(everyMs, orderCount)
    mark('one node')
  })
  after(async () => {
    await cluster?.whole.stop()
  })

  /** What a service has logged since. */
  const since = (name: string) => {
    const from = cluster.logOf(name).length
    return () => cluster.logOf(name).slice(from)
  }
  const statusOf = async (orderId: string): Promise<string> => {
    const answer = await fetch(`${cluster.whole.system.url}/orders/${orderId}`)
    return ((await answer.json()) as { status: string }).status
  }

  it('[I28] takes orders that nobody can be told of while two nodes hang, and says of none that it has ended', async () => {
    await cluster.haveEnded(await cluster.next(3))
    mark('ended')
    cluster.enter('hangs')
    const [frozen, alsoFrozen] = cluster.nodes
    const logged = since('order')
    frozen.freeze()
    alsoFrozen.freeze()
    const orders = await cluster.next(10)
    await until('the order service gave up on a confirm', () => /publish-unconfirmed/.test(logged()), 40_000)
    mark('stalled')
    for (const { orderIds } of orders)
      for (const id of orderIds) expect(await statusOf(id), id).to.equal('placed')
  })

  it('[I28] goes on taking them when the two are gone, and the third does not serve alone', async () => {
    cluster.enter('gone')
    const [dead, alsoDead, alone] = cluster.nodes
    const logged = since('order')
    await Promise.all([dead.kill(), alsoDead.kill()])
    const refused = `connect ECONNREFUSED 127.0.0.1:${alone.amqpPort}`
    await until('the third one does not listen any more', () => logged().includes(refused), 40_000)
    mark('paused')
    for (const { orderIds } of await cluster.next(3))
      for (const id of orderIds) expect(await statusOf(id), id).to.equal('placed')
  })

  it('[I28] ends all of them when the two are back, and nothing else was started again', async () => {
    const [dead, alsoDead, alone] = cluster.nodes
    cluster.enter('back')
    const starting = Promise.all([dead.start(), alsoDead.start()])
    mark(await runOn(alone, stepWith('rabbitmqctl start_app')))
    await starting
    mark('back')
    await cluster.haveEnded(await cluster.next(3))
    mark('ended')
    await coming.stop()
    await cluster.load.balances(cluster.whole)
    expect(cluster.pids()).to.deep.equal(pids)
    mark('balanced')
  })

  it('[I28] answered 202 all the time', () => {
    const places = cluster.load.answers.filter(({ path }) => path === 'POST /orders')
    for (const phase of ['hangs', 'gone', 'back']) {
      const statuses = places.filter(answer => answer.phase === phase).map(({ status }) => status)
      expect([...new Set(statuses)], phase).to.deep.equal([202])
    }
  })
})
