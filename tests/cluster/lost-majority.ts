import { expect } from 'chai'
import type { WorkloadOrder } from '../../harness/workload.ts'
import { until } from '../messaging/messages.ts'
import { runOn, stepWith, type WholeCluster } from './whole-cluster.ts'

/**
 * What a system under load does when its RabbitMQ, a cluster by now, loses two nodes of three: a suite of its
 * own after those that made the cluster.
 */
export const losesItsMajority = (found: () => WholeCluster): void => {
  describe('and whose cluster then loses two nodes of three', () => {
    let cluster: WholeCluster
    before(() => {
      cluster = found()
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
      const [, one, another] = cluster.nodes
      const since = logged()
      one.freeze()
      another.freeze()
      const orders = await cluster.next(10)
      const isUnconfirmed = () => /publish-unconfirmed/.test(since())
      await until('a publish was given up', isUnconfirmed, 40_000)
      await arePlaced(orders)
    })

    it('[I35] takes them when the two are gone as well, and the third node serves nobody', async () => {
      const [left, one, another] = cluster.nodes
      const since = logged()
      await Promise.all([one.kill(), another.kill()])
      const refused = `connect ECONNREFUSED 127.0.0.1:${left.amqpPort}`
      await until('the third node does not listen any more', () => since().includes(refused), 40_000)
      await arePlaced(await cluster.next(3))
    })

    it('[I35] brings all to their end when the two are back, as the page says, without any other start', async () => {
      const [left, one, another] = cluster.nodes
      const starting = Promise.all([one.start(), another.start()])
      await runOn(left, stepWith('rabbitmqctl start_app'))
      await starting
      await cluster.haveEnded(await cluster.next(3))
    })
  })
}
