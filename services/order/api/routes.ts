import type { Random } from '../../../shared/runtime/random.ts'
import { activeTraceparent, inSpan } from '../../../shared/runtime/telemetry/trace.ts'
import { OrderId, Sku } from '../../contract/ids.ts'
import type { OpenOrders } from '../open-orders.ts'
import type { OperatorPort } from '../operator-use-cases.ts'
import { type OrderPort, OrderRequest, type OrderView, type PlaceOrderResult } from '../order-port.ts'
import type { Admission } from './admission.ts'
import { type Answer, refuse } from './answer.ts'
import { parseFields } from './fields.ts'
import type { ApiCall, Handler, Handlers } from './handler.ts'
import type { CancelAsked, Catalogue, OrderAnswer, Receipt } from './openapi/answers.ts'
import { openApiDocument } from './openapi/document.ts'
import { type EndpointName, namedEndpoints } from './openapi/endpoints.ts'
import { eraseOrder, isKey, keyInvalid, operatorOnly, resolveOrder, restockSku } from './operator-routes.ts'
import type { StockReader } from './stock-reader.ts'
import { listOrders, showTimeline, streamEvents, type TrackingReader } from './tracking-reader.ts'

/** What the routes stand on. */
export type RouteDeps = {
  orders: OrderPort
  stock: StockReader
  tracking: TrackingReader
  operator: OperatorPort
  random: Random
  /** The orders that may be open at once. */
  openOrders: Pick<OpenOrders, 'enter'>
  /** The streams that may be open at once. */
  streams: Admission
}

/** Every public route: path, then method, as the table of operations has them. */
export const routes = (deps: RouteDeps): Readonly<Record<string, Handlers>> => {
  const handlers = handlersOf(deps)
  const byPath: Record<string, Handlers> = {}
  for (const [name, { path, method, audience }] of namedEndpoints) {
    const handler = audience === 'operators' ? operatorOnly(handlers[name]) : handlers[name]
    byPath[path] = { ...byPath[path], [method]: handler }
  }
  return byPath
}

const handlersOf = (deps: RouteDeps): Readonly<Record<EndpointName, Handler>> => {
  const { orders, stock, tracking, operator, random, openOrders, streams } = deps
  const permitted = (call: ApiCall) => orderFor(orders, call)
  const described = once(openApiDocument)
  return {
    placeOrder: bounded(openOrders, placeOrder(orders)),
    showOrder: showOrder(orders),
    cancelOrder: cancelOrder(orders),
    eraseOrder: eraseOrder(operator),
    resolveOrder: resolveOrder(operator),
    listOrders: listOrders(tracking),
    showTimeline: showTimeline(tracking, permitted),
    streamEvents: streamEvents(tracking, permitted, streams),
    showCatalogue: () => ({ status: 200, body: orders.catalogue() satisfies Catalogue }),
    showStock: showStock(stock),
    restockSku: restockSku(operator, random),
    describeDoor: () => ({ status: 200, body: described() }),
  }
}

// Making it takes some milliseconds, and it stays the same.
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** The handler, while one more order may be open; else a refusal before anything of the request is read. */
const bounded =
  (openOrders: Pick<OpenOrders, 'enter'>, handler: Handler): Handler =>
  async call => {
    const place = openOrders.enter()
    if (place === 'full') return refuse('saga-busy')
    try {
      return await handler(call)
    } finally {
      place.leave()
    }
  }

const placeOrder =
  (orders: OrderPort): Handler =>
  async ({ caller, idempotencyKey, traceparent, body }) => {
    // Checked first: a client whose key is refused has sent nothing that could be lost.
    if (!isKey(idempotencyKey)) return keyInvalid
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    const fields = parseFields(OrderRequest, read.json)
    if ('errors' in fields) return refuse('fields-invalid', { errors: fields.errors })
    // An instrumentation of HTTP has begun a span of its own from the same header.
    const parent = activeTraceparent() ?? traceparent
    return inSpan({ name: 'POST /orders', kind: 'server', parent, attributes: {} }, async traced =>
      placed(await orders.place(caller.name, fields.value, idempotencyKey, traced)),
    )
  }

const placed = (placing: PlaceOrderResult): Answer => {
  switch (placing.kind) {
    case 'placed': {
      const { orderId, total } = placing
      return {
        status: 202,
        body: { orderId, status: 'placed', total } satisfies Receipt,
        headers: { location: `/orders/${orderId}` },
      }
    }
    case 'key-reused':
      return refuse('key-reused', {
        errors: [{ field: 'Idempotency-Key', expected: 'a key of its own for each order' }],
      })
    case 'unknown-sku':
      return refuse('sku-not-sold', {
        errors: [{ field: `lines[${placing.index}].sku`, expected: 'a SKU of GET /catalogue' }],
      })
  }
}

const showOrder =
  (orders: OrderPort): Handler =>
  async call => {
    const order = await orderFor(orders, call)
    return order ? { status: 200, body: shown(order) } : refuse('order-unknown')
  }

const cancelOrder =
  (orders: OrderPort): Handler =>
  async call => {
    const order = await orderFor(orders, call)
    const outcome = order ? await orders.cancel(order.orderId) : 'unknown'
    if (outcome === 'unknown' || !order) return refuse('order-unknown')
    if (outcome === 'terminal') return refuse('order-settled')
    return { status: 202, body: { orderId: order.orderId, cancelRequested: true } satisfies CancelAsked }
  }

// Another's order is as unknown as one that does not exist: nobody learns which ids there are.
const orderFor = async (
  orders: OrderPort,
  { parameter, caller }: ApiCall,
): Promise<OrderView | undefined> => {
  const id = OrderId.safeParse(parameter)
  const order = id.success ? await orders.find(id.data) : undefined
  return order && (caller.operator || order.caller === caller.name) ? order : undefined
}

// Field by field, so that nothing that is added to the view goes out unnoticed.
const shown = ({
  orderId,
  caller,
  status,
  total,
  lines,
  reason,
  trackingNumber,
  ...rest
}: OrderView): OrderAnswer => ({
  orderId,
  status,
  total,
  lines: lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice })),
  reason,
  trackingNumber,
  cancelRequested: rest.cancelRequested,
  awaiting: rest.awaiting,
  erasedAt: rest.erasedAt,
  caller,
})

const showStock =
  (stock: StockReader): Handler =>
  async ({ parameter }) => {
    const sku = Sku.safeParse(parameter)
    const found = sku.success ? await stock(sku.data) : 'unknown'
    if (found === 'unknown') return refuse('sku-unknown')
    return found === 'unavailable' ? refuse('stock-unavailable') : { status: 200, body: found }
  }
