import { anOrder } from '../../../harness/an-order.ts'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import { type OrderId, orderIdOf, Sku } from '../../../services/contract/ids.ts'
import { totalOf } from '../../../services/contract/money.ts'
import { digestOf } from '../../../services/order/digest.ts'
import { type Order, placeOrder } from '../../../services/order/domain.ts'
import { openOrders, watch } from '../../../services/order/open-orders.ts'
import { orderUseCases } from '../../../services/order/order-use-cases.ts'
import { orderService } from '../../../services/order/reactions.ts'
import { memoryBroker } from '../../../shared/messaging/memory/broker.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { base32 } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { startEngine } from '../../../shared/saga/engine.ts'
import { initiate } from '../../../shared/saga/process/initiate.ts'
import { memoryDoneCache, memoryStore } from '../../../shared/storage/memory/store.ts'
import { newOrder } from '../../support/events.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { seededRandom } from '../../support/seeded-random.ts'

export const deadlineMs = 600_000
const unitPrice = totalOf([{ quantity: 1, unitPrice: 250 }])
const catalogue = ['SKU-0', 'SKU-1'].map(sku => ({ sku: Sku.parse(sku), unitPrice }))

/**
 * Instances of the order service over one store, in a saga that ends no order by itself and in which time
 * stands still.
 */
export const countedOrders = (limit: number) => {
  const clock = manualClock(Date.UTC(2030, 0, 1))
  const random = seededRandom(1)
  const stored = memoryStore<Order>()
  const counts: string[] = []
  const warnings: string[] = []
  let isAway = false
  const store: Store<Order> = {
    ...stored,
    countDue: async range => {
      counts.push(`${range.limit}`)
      if (isAway) throw new SagaError('store-unavailable', 'away')
      return stored.countDue(range)
    },
  }

  const instance = () => {
    const { seen, watching } = watch({ clock, deadlineMs })
    const { context } = startEngine<Order>({
      ...{ service: orderService, store: watching(store), done: memoryDoneCache(), clock, random },
      ...{ log: silentLog, prefetch: 64, retryPolicy: { delays: [1_000], maxAttempts: 3 } },
      broker: memoryBroker({ topology: shopTopology(), clock }),
    })
    const log = { ...silentLog, warn: (text: string) => void warnings.push(text) }
    const open = openOrders(context.store, seen, { limit, deadlineMs, clock, log })
    const { customerId, lines, shipTo } = anOrder()
    const facts = {
      ...{ caller: 'local', customerId, shipTo, paymentToken: 'tok_approve', total: unitPrice },
      lines: lines.map(line => ({ ...line, unitPrice })),
    } as never // in the newest version, whatever that has
    return {
      open,
      desk: orderUseCases(context, { catalogue, deadlineMs }),
      /** Places an order as a request does, or learns that there is no place. */
      place: async (): Promise<OrderId | 'full'> => {
        const place = open.enter()
        if (place === 'full') return place
        const deadline = clock.now() + deadlineMs
        const orderId = newOrder()
        await initiate(context, orderId, placeOrder({ fingerprint: 'f'.repeat(64), deadline }, facts))
        place.leave()
        return orderId
      },
      load: (orderId: OrderId) => context.store.load(orderId),
      /** Puts an order on record as an older release did, with this digest of its request. */
      record: async (caller: string, key: string, fingerprint: string): Promise<OrderId> => {
        const orderId = orderIdOf(base32(digestOf([caller, key])))
        await initiate(context, orderId, placeOrder({ fingerprint, deadline: deadlineMs }, facts))
        return orderId
      },
      /** Settles an order as the last event of its saga does. */
      settle: async (orderId: OrderId) => {
        const document = await context.store.load(orderId)
        if (document) await context.store.commit(document, { due: null })
      },
    }
  }
  return {
    ...{ clock, counts, warnings, instance },
    /** Makes every further count fail, or work again. */
    storeIsAway: (is: boolean) => {
      isAway = is
    },
  }
}
