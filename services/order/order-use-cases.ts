import { asKnown } from '../../shared/contract/on-record.ts'
import { normalText } from '../../shared/contract/text.ts'
import { base32 } from '../../shared/runtime/random.ts'
import type { SagaContext } from '../../shared/saga/context.ts'
import type { SagaDocument } from '../../shared/saga/document/document.ts'
import { initiate } from '../../shared/saga/process/initiate.ts'
import { type OrderId, orderIdOf, type Sku } from '../contract/ids.ts'
import { type Cents, totalOf } from '../contract/money.ts'
import type { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order.ts'
import { shop } from '../contract/shop.ts'
import { digestOf } from './digest.ts'
import { awaited, type Order, placeOrder, requestCancel } from './domain.ts'
import type { OrderPort, OrderRequest, OrderView, PlaceOrderResult } from './order-port.ts'

export type OrderUseCaseOptions = {
  readonly catalogue: OrderCatalogue
  /** How long an order may take before a cancel is asked for (ms). */
  readonly deadlineMs: number
}
type OrderCatalogue = readonly { readonly sku: Sku; readonly unitPrice: Cents }[]

/** The use cases behind the API: it prices and places orders, asks for cancels, and reads orders back. */
export const orderUseCases = (
  context: SagaContext<Order>,
  { catalogue, deadlineMs }: OrderUseCaseOptions,
): OrderPort => {
  const prices = new Map(catalogue.map(({ sku, unitPrice }) => [sku, unitPrice]))
  return {
    place: (caller, request, key, traceparent) =>
      place(context, { prices, deadlineMs, caller, request, key, traceparent }),
    cancel: orderId => cancel(context, orderId),
    find: async orderId => {
      const document = await context.store.load(orderId)
      return document && viewOf(document)
    },
    catalogue: () => catalogue,
  }
}

type Submission = {
  readonly prices: ReadonlyMap<Sku, Cents>
  readonly deadlineMs: number
  readonly caller: string
  readonly request: OrderRequest
  readonly key: string | undefined
  readonly traceparent: string | undefined
}

const place = async (context: SagaContext<Order>, submission: Submission): Promise<PlaceOrderResult> => {
  const { prices, caller, key } = submission
  const request = inNormalForm(submission.request)
  const unknown = request.lines.findIndex(({ sku }) => !prices.has(sku))
  if (unknown >= 0) return { kind: 'unknown-sku', index: unknown, sku: String(request.lines[unknown]?.sku) }
  const placed = price(prices, caller, request)
  const orderId = orderIdOf(key === undefined ? context.random.id() : base32(digestOf([caller, key])))
  const fingerprint = fingerprintOf(request)
  const deadline = context.clock.now() + submission.deadlineMs
  const { document } = await initiate(context, orderId, placeOrder({ fingerprint, deadline }, placed), {
    isNew: true,
    traceparent: submission.traceparent,
  })
  if (!isOf(document.state, fingerprint, submission.request)) return { kind: 'key-reused' }
  // The total that is on record: prices may have changed since the key was first used.
  return { kind: 'placed', orderId, total: viewOf(document)?.total ?? placed.total }
}

// Of the parsed request, so that white space and the order of fields make no difference.
const fingerprintOf = (request: OrderRequest): string => digestOf(request).toString('hex')

// Of an order that was placed before texts were brought into one form, the request is on record as it came.
const isOf = (state: Order, fingerprint: string, asItCame: OrderRequest): boolean =>
  state.status === 'none' ||
  state.fingerprint === fingerprint ||
  state.fingerprint === fingerprintOf(asItCame)

const inNormalForm = ({ customerId, shipTo, ...rest }: OrderRequest): OrderRequest => ({
  customerId: normalText(customerId),
  ...rest,
  shipTo: {
    name: normalText(shipTo.name),
    line1: normalText(shipTo.line1),
    city: normalText(shipTo.city),
    postalCode: normalText(shipTo.postalCode),
    country: normalText(shipTo.country),
  },
})

const price = (prices: ReadonlyMap<Sku, Cents>, caller: string, request: OrderRequest) => {
  const lines = request.lines.map(({ sku, quantity }) => ({ sku, quantity, unitPrice: prices.get(sku) ?? 0 }))
  const { customerId, payment, shipTo } = request
  return { caller, customerId, lines, total: totalOf(lines), paymentToken: payment.token, shipTo }
}

const cancel = async (context: SagaContext<Order>, orderId: OrderId) => {
  const { document } = await initiate(context, orderId, requestCancel)
  if (document.state.status === 'none') return 'unknown'
  return document.state.status === 'placed' ? 'asked' : 'terminal'
}

type OrderEvent = OrderPlaced | OrderConfirmed | OrderRejected | OrderCancelled

const viewOf = (document: SagaDocument<Order>): OrderView | undefined => {
  const { subject: orderId, state } = document
  const events = document.events.map(one => asKnown(shop, one)) as readonly OrderEvent[]
  const placed = events.find(event => event.type === 'order.placed')
  if (state.status === 'none' || !placed) return undefined
  const { caller, total, lines } = placed.data
  return {
    ...{ orderId, caller, total, lines, status: state.status },
    ...endOf(events),
    cancelRequested: state.cancelRequested,
    awaiting: awaited(state),
    ...(document.erasedAt !== undefined && { erasedAt: new Date(document.erasedAt).toISOString() }),
  }
}

const endOf = (events: readonly OrderEvent[]): Pick<OrderView, 'reason' | 'trackingNumber'> => {
  for (const { type, data } of events) {
    if (type === 'order.confirmed') return { trackingNumber: data.trackingNumber }
    if (type === 'order.rejected' || type === 'order.cancelled') return { reason: data.reason }
  }
  return {}
}
