import type { AnswerOf } from '../../../shared/commands/define.ts'
import { activeTraceparent, inSpan } from '../../../shared/runtime/telemetry/trace.ts'
import { CancelOrder, type OrderCommands, PlaceOrder } from '../commands.ts'
import type { OpenOrders } from '../open-orders.ts'
import type { OrderPort, OrderView } from '../order-port.ts'
import { type OrderQueries, ShowOrder, ShowStock } from '../queries.ts'
import type { Admission } from './admission.ts'
import { type Answer, refuse } from './answer.ts'
import type { Handler, Handlers } from './handler.ts'
import type { CancelAsked, Catalogue, OrderAnswer, Receipt } from './openapi/answers.ts'
import { openApiDocument } from './openapi/document.ts'
import { type EndpointName, namedEndpoints } from './openapi/endpoints.ts'
import { eraseOrder, isKey, keyInvalid, operatorOnly, resolveOrder, restockSku } from './operator-routes.ts'
import { answerFor } from './reply.ts'
import { listOrders, showTimeline, streamEvents } from './story-routes.ts'
import type { TrackingReader } from './tracking-reader.ts'

/** What the routes stand on. */
export type RouteDeps = {
  commands: OrderCommands
  queries: OrderQueries
  orders: Pick<OrderPort, 'catalogue'>
  tracking: Pick<TrackingReader, 'follow'>
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
  const { commands, queries, orders, tracking, openOrders, streams } = deps
  const described = once(openApiDocument)
  return {
    placeOrder: bounded(openOrders, placeOrder(commands)),
    showOrder: showOrder(queries),
    cancelOrder: cancelOrder(commands),
    eraseOrder: eraseOrder(commands),
    resolveOrder: resolveOrder(commands),
    listOrders: listOrders(queries),
    showTimeline: showTimeline(queries),
    streamEvents: streamEvents({ queries, tracking, places: streams }),
    showCatalogue: () => ({ status: 200, body: orders.catalogue() satisfies Catalogue }),
    showStock: showStock(queries),
    restockSku: restockSku(commands),
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
  (commands: OrderCommands): Handler =>
  async ({ caller, idempotencyKey: id, traceparent, body }) => {
    // Checked first: a client whose key is refused has sent nothing that could be lost.
    if (!isKey(id)) return keyInvalid
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    // An instrumentation of HTTP has begun a span of its own from the same header.
    const parent = activeTraceparent() ?? traceparent
    return inSpan({ name: 'POST /orders', kind: 'server', parent, attributes: {} }, async traced => {
      const sender = { actor: caller, id, traceparent: traced }
      const reply = await commands.send(PlaceOrder, { content: read.json }, sender)
      return answerFor(reply, { answered: placed, wish: 'order' })
    })
  }

const placed = (placing: AnswerOf<typeof PlaceOrder>): Answer => {
  switch (placing.kind) {
    case 'placed': {
      const { orderId, total } = placing
      return {
        status: 202,
        body: { orderId, status: 'placed', total } satisfies Receipt,
        headers: { location: `/orders/${orderId}` },
      }
    }
    case 'unknown-sku':
      return refuse('sku-not-sold', {
        errors: [{ field: `lines[${placing.index}].sku`, expected: 'a SKU of GET /catalogue' }],
      })
  }
}

const showOrder =
  (queries: OrderQueries): Handler =>
  async ({ caller, parameter }) =>
    answerFor(await queries.ask(ShowOrder, { subject: parameter }, { actor: caller }), {
      answered: order =>
        order === 'unknown' ? refuse('order-unknown') : { status: 200, body: shown(order) },
      subject: 'order-unknown',
    })

const cancelOrder =
  (commands: OrderCommands): Handler =>
  async ({ caller, parameter }) =>
    answerFor(await commands.send(CancelOrder, { subject: parameter }, { actor: caller }), {
      answered: outcome => {
        if (outcome === 'unknown') return refuse('order-unknown')
        if (outcome === 'terminal') return refuse('order-settled')
        return { status: 202, body: { orderId: parameter, cancelRequested: true } satisfies CancelAsked }
      },
      subject: 'order-unknown',
    })

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
  (queries: OrderQueries): Handler =>
  async ({ caller, parameter }) =>
    answerFor(await queries.ask(ShowStock, { subject: parameter }, { actor: caller }), {
      answered: found => {
        if (found === 'unknown') return refuse('sku-unknown')
        return found === 'unavailable' ? refuse('stock-unavailable') : { status: 200, body: found }
      },
      subject: 'sku-unknown',
    })
