import { memoryLedger } from '../../local/providers/ledger.ts'
import { simulatedCarrier } from '../../local/providers/simulated-carrier.ts'
import { simulatedPaymentProvider } from '../../local/providers/simulated-payment.ts'
import { shopTopology } from '../../rabbitmq/participants.ts'
import { type OrderId, Sku } from '../../services/contract/ids.ts'
import { Cents } from '../../services/contract/money.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import type { Reservation } from '../../services/inventory/domain.ts'
import { askStock } from '../../services/inventory/perform.ts'
import { inventoryService } from '../../services/inventory/reactions.ts'
import { lotWriter } from '../../services/inventory/stock/lot-writer.ts'
import { memoryStockStore } from '../../services/inventory/stock/memory-store.ts'
import { seed as seedStock } from '../../services/inventory/stock/supply.ts'
import { stockOf } from '../../services/inventory/stock/totals.ts'
import type { Order } from '../../services/order/domain.ts'
import type { OrderPort, OrderRequest } from '../../services/order/order-port.ts'
import { orderUseCases } from '../../services/order/order-use-cases.ts'
import { orderService } from '../../services/order/reactions.ts'
import { askProvider } from '../../services/payment/perform.ts'
import type { PaymentProvider } from '../../services/payment/provider.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import { reactingNames } from '../../services/registry.ts'
import { askCarrier } from '../../services/shipping/perform.ts'
import { shippingService } from '../../services/shipping/reactions.ts'
import { decodeNotice, parseNoticeType } from '../../shared/contract/notice.ts'
import { observedBroker } from '../../shared/hosting/metrics/messaging.ts'
import { observedStore, sagaObserver } from '../../shared/hosting/metrics/saga.ts'
import { memoryBroker } from '../../shared/messaging/memory/broker.ts'
import { deadLettersOf, waits } from '../../shared/messaging/topology/names.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import type { Metrics } from '../../shared/runtime/telemetry/metrics.ts'
import type { Clock } from '../../shared/runtime/time/clock.ts'
import type { SagaContext } from '../../shared/saga/context.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import type { SagaDocument } from '../../shared/saga/document/document.ts'
import { startEngine } from '../../shared/saga/engine.ts'
import { type Erasure, erase } from '../../shared/saga/process/erase.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'
import { answerWithin } from '../support/answer-within.ts'
import { behind } from '../support/behind.ts'
import { manualClock } from '../support/manual-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { timelineOf } from '../support/timeline.ts'

export const sku = Sku.parse('SKU-1')
export const unitPrice = Cents.parse(1_250)

/** An order for `quantity` units that pays with `token` and ships to `postalCode`. */
export const request = ({
  token = 'tok_approve',
  postalCode = '12345',
  quantity = 2,
} = {}): OrderRequest => ({
  customerId: 'customer-1',
  lines: [{ sku, quantity }],
  payment: { token },
  shipTo: { name: 'A. Buyer', line1: '1 Main Street', city: 'Springfield', postalCode, country: 'US' },
})

/** The gateway's time-out, without its sockets. */
const withTimeout = (clock: Clock, provider: PaymentProvider): PaymentProvider => {
  const bound = { who: 'the payment provider', timeoutMs: 10_000, clock }
  return {
    charge: call => answerWithin(bound, () => provider.charge(call)),
    refund: call => answerWithin(bound, () => provider.refund(call)),
  }
}

/**
 * All services that react in this process, over a broker and stores in memory, on a clock that only the test
 * moves.
 */
export const openShop = async ({
  seed = 1,
  units = 10,
  instances = 1,
  deadlineMs = 600_000,
  metricsOf = (_service: string): Metrics | undefined => undefined,
  /**
   * With several instances of each service, all but the first are of the release before, and can read no
   * event.
   */
  othersBehind = false,
  maxAttempts = 8,
} = {}) => {
  const clock = manualClock(Date.UTC(2030, 0, 1))
  const random = seededRandom(seed)
  const topology = shopTopology()
  const broker = memoryBroker({ topology, clock, latency: () => 1 + random.int(20) })
  const provider = simulatedPaymentProvider({ clock, ledger: memoryLedger() })
  const carrier = simulatedCarrier({ clock, ledger: memoryLedger() })
  const stock = memoryStockStore()
  await seedStock(stock, { sku, units })

  const stores = Object.fromEntries(reactingNames.map(name => [name, memoryStore<unknown>()]))
  const caches = Object.fromEntries(reactingNames.map(name => [name, memoryDoneCache()]))
  const storeOf = (name: string) => stores[name] as ReturnType<typeof memoryStore<unknown>>
  const start = <S>(service: Service<S>, isBehind: boolean) => {
    const metrics = metricsOf(service.name)
    const own = broker.as(service.name)
    const [plain, store] = [isBehind ? behind(own) : own, storeOf(service.name)]
    return startEngine<S>({
      ...{ service, clock, random, log: silentLog, prefetch: 64 },
      broker: metrics ? observedBroker(plain, metrics, clock) : plain,
      store: (metrics ? observedStore(shop, store, metrics) : store) as never,
      ...(metrics && { observer: sagaObserver(shop, metrics) }),
      done: caches[service.name] as never,
      retryPolicy: { delays: waits, maxAttempts },
    })
  }
  const startAll = (isBehind: boolean) => {
    const calling = [
      inventoryService(askStock(lotWriter(stock, random), clock)),
      paymentService(askProvider(withTimeout(clock, provider)), 100),
      shippingService(askCarrier(carrier), 100),
    ] as unknown as readonly Service[]
    const started = ['order', ...calling.map(({ name }) => name)]
    const others = reactingServices.filter(({ name }) => !started.includes(name))
    for (const service of [...calling, ...others]) start(service, isBehind)
    return start(orderService, isBehind)
  }
  const engines = Array.from({ length: instances }, (_, n) => startAll(othersBehind && n > 0))
  const [first] = engines
  if (!first) throw new RangeError('a shop has at least one instance of each service')
  const orders: OrderPort = orderUseCases(first.context, { catalogue: [{ sku, unitPrice }], deadlineMs })

  const documentOf = async (service: string, orderId: OrderId) => storeOf(service).load(orderId)
  const documentsOf = async (orderId: OrderId) => {
    const found = await Promise.all(reactingNames.map(name => documentOf(name, orderId)))
    return found.filter((document): document is SagaDocument => document !== undefined)
  }
  const documentsByService = async (orderId: OrderId) => {
    const found = await Promise.all(
      reactingServices.map(async service => [service, await documentOf(service.name, orderId)]),
    )
    return found.filter((pair): pair is [Service<unknown>, SagaDocument] => pair[1] !== undefined)
  }
  const statusOf = async (orderId: OrderId) =>
    ((await documentOf('order', orderId))?.state as Order | undefined)?.status
  const reservationOf = async (orderId: OrderId) =>
    (await documentOf('inventory', orderId))?.state as Reservation

  /** Runs until the order ended and everything that follows from it is done. */
  const settled = async (orderId: OrderId, limitMs = 120_000) => {
    const isDone = async () => (await orders.find(orderId))?.awaiting.length === 0
    try {
      await clock.runUntil(isDone, { limitMs })
      await clock.advance(60_000)
    } catch (error) {
      throw new Error(timelineOf(await documentsOf(orderId)), { cause: error })
    }
    return statusOf(orderId)
  }
  const place = async (order: OrderRequest, key?: string): Promise<OrderId> => {
    const placing = orders.place('caller-1', order, key)
    await clock.settle()
    const placed = await placing
    if (placed.kind !== 'placed') throw new Error(`not placed: ${placed.kind}`)
    return placed.orderId
  }
  const moneyOf = (orderId: OrderId) => provider.entries().filter(entry => entry.orderId === orderId)
  const notices = () =>
    broker
      .peek(shop.names.journal)
      .filter(({ type }) => parseNoticeType(type) !== undefined)
      .map(({ body }) => decodeNotice(shop, JSON.parse(body.toString())))
  /** Erases the order in every service, and says by service what came of it. */
  const eraseEverywhere = async (orderId: OrderId): Promise<Record<string, Erasure>> => {
    const outcomes = reactingServices.map(async service => {
      const context = { ...first.context, service, store: storeOf(service.name) } as SagaContext<unknown>
      return [service.name, await erase(context, orderId)] as const
    })
    return Object.fromEntries(await Promise.all(outcomes))
  }
  /** From the first event of an order to the one that ended it, in ms. */
  const spanOf = async (orderId: OrderId) => {
    const { events = [] } = (await documentOf('order', orderId)) ?? {}
    const end = events.find(({ type }) => ['confirmed', 'rejected', 'cancelled'].includes(type.slice(6)))
    return Date.parse(end?.at ?? '') - Date.parse(events[0]?.at ?? '')
  }
  const deadLetters = () => reactingNames.flatMap(name => broker.peek(deadLettersOf(name)))
  return {
    ...{ clock, broker, desk: orders, stock, provider, carrier, caches, random },
    ...{
      place,
      settled,
      statusOf,
      reservationOf,
      documentsOf,
      documentsByService,
      moneyOf,
      deadLetters,
      notices,
      spanOf,
    },
    eraseEverywhere,
    kernel: first.context,
    /** Publishes the event as if somebody sent an old copy of it. */
    sendAgain: (event: Event, resend: string) => first.context.publish([event], resend),
    books: () => stockOf(stock, sku),
  }
}
