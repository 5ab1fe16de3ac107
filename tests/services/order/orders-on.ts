import { shopTopology } from '../../../rabbitmq/participants.ts'
import { Sku } from '../../../services/contract/ids.ts'
import { Cents } from '../../../services/contract/money.ts'
import type { Order } from '../../../services/order/domain.ts'
import type { OrderPort } from '../../../services/order/order-port.ts'
import { orderUseCases } from '../../../services/order/order-use-cases.ts'
import { orderService } from '../../../services/order/reactions.ts'
import { memoryBroker } from '../../../shared/messaging/memory/broker.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { startEngine } from '../../../shared/saga/engine.ts'
import { memoryDoneCache } from '../../../shared/storage/memory/store.ts'

const catalogue = ['SKU-0', 'SKU-1'].map(one => ({ sku: Sku.parse(one), unitPrice: Cents.parse(250) }))

/** The use cases of one instance of the order service over this store; nobody hears of its orders. */
export const ordersOn = (store: Store<Order>): OrderPort => {
  const { context } = startEngine<Order>({
    ...{ service: orderService, store, done: memoryDoneCache(), clock: systemClock, random: systemRandom },
    ...{ log: silentLog, prefetch: 8, retryPolicy: { delays: [1_000], maxAttempts: 3 } },
    broker: memoryBroker({ topology: shopTopology(), clock: systemClock }),
  })
  return orderUseCases(context, { catalogue, deadlineMs: 600_000 })
}

/** How many orders are on record in this store, up to 1,000. */
export const countIn = (store: Store<Order>): Promise<number> =>
  store.countDue({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 })
