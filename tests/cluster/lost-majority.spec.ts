import { expect } from 'chai'
import type { WorkloadOrder } from '../../harness/workload.ts'
import { until } from '../messaging/messages.ts'
import { needs, redis } from '../support/servers.ts'
import { turnMs } from './nodes.ts'
import { clusterSettings, runOn, startWholeCluster, stepWith, type WholeCluster } from './whole-cluster.ts'

describe('a system under load whose RabbitMQ loses two nodes of three', function () {
  this.timeout(420_000)
  needs(redis)
  let cluster: WholeCluster

  before(async function () {
    this.timeout(turnMs)
    cluster = await startWholeCluster('everybody', async ({ nodes }) => {
      for (const node of nodes) node.configure(clusterSettings)
      const [first, ...others] = nodes
      await first.start()
      await Promise.all(others.map(node => node.start()))
    })
    await cluster.haveEnded(await cluster.next(3))
  })
  after(async () => {
    await cluster?.stop()
  })

  /** What the order service logs from now on. */
  const logged = () => {
    const from = cluster.logOf('order').length
    return () => cluster.logOf('order').slice(from)
  }
  const arePlaced = async (orders: readonly WorkloadOrder[]) => {
    for (const { orderIds } of orders)
      for (const id of orderIds) {
        const answer = await fetch(`${cluster.whole.system.url}/orders/${id}`)
        expect(((await answer.json()) as { status: string }).status, id).to.equal('placed')
      }
  }

  it('[I35] takes orders that nobody can be told of while two nodes hang, and says of none that it has ended', async () => {
    const [one, another] = cluster.nodes
    const since = logged()
    one.freeze()
    another.freeze()
    const orders = await cluster.next(10)
    const isUnconfirmed = () => /publish-unconfirmed/.test(since())
    await until('a publish was given up', isUnconfirmed, 40_000)
    await arePlaced(orders)
  })

  it('[I35] takes them when the two are gone as well, and the third node serves nobody', async () => {
    const [one, another, left] = cluster.nodes
    const since = logged()
    await Promise.all([one.kill(), another.kill()])
    const refused = `connect ECONNREFUSED 127.0.0.1:${left.amqpPort}`
    await until('the third node does not listen any more', () => since().includes(refused), 40_000)
    await arePlaced(await cluster.next(3))
  })

  it('[I35] brings all to their end when the two are back, as the page says, without any other start', async () => {
    const [one, another, left] = cluster.nodes
    const starting = Promise.all([one.start(), another.start()])
    await runOn(left, stepWith('rabbitmqctl start_app'))
    await starting
    await cluster.haveEnded(await cluster.next(3))
    await cluster.coming.stop()
    await cluster.load.balances(cluster.whole)
    expect(cluster.statusesOf('POST /orders')).to.deep.equal([202])
    expect(cluster.pids()).to.deep.equal(cluster.pidsAtStart)
  })
})
