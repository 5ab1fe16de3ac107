import { setMaxListeners } from 'node:events'
import { Readable } from 'node:stream'
import type {
  PrivateAnswer,
  PrivateEndpoints,
  PrivateRequest,
  PrivateRoute,
  RoutesFor,
} from '../../../shared/runtime/http/private-port.ts'
import { type FieldError, problem } from '../../../shared/runtime/http/problem.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import { OrderId } from '../../contract/ids.ts'
import type { TrackedOrder } from '../domain.ts'
import type { Generations } from '../store/generations.ts'
import { eventStream, isOver } from './event-stream.ts'
import { type Lag, lagOf } from './lag.ts'
import { pageOf, parametersOf, queryOf } from './list.ts'
import type { OrderWatchers } from './order-watchers.ts'
import { emptyStory, listItemOf, storyOf, withoutErrors } from './shown.ts'

/** What the routes stand on. */
export type TrackingRouteOptions = {
  readonly generations: Generations
  readonly news: OrderWatchers
  readonly clock: Clock
  readonly log: Log
  /** When this instance began (ms). */
  readonly startedAt: number
  /** Ends every stream. */
  readonly closing: AbortSignal
  /** How many streams may be open at once, and how often an idle one shows that it is alive. */
  readonly streams?: { readonly most: number; readonly heartbeatMs: number }
}

/** What the private port answers about orders and about itself. */
export const trackingEndpoints = {
  '/orders':
    'orders by `status`, `customer`, `caller`, `sku`, `reason`, `awaiting`, `minTotal`, `maxTotal`, `placedFrom`, `placedUntil`, `olderThan`; `sort`, `cursor` and `limit`',
  '/orders/:id/timeline':
    'the story of one order in causal order, with what it awaits; `errors=hidden` leaves out what errors said',
  '/orders/:id/events': 'the same as server-sent events until the order is settled',
  '/lag': 'up to when it is complete, and where each generation stands in the journal',
  'POST /rebuild': '202: a new generation is built from the start of the journal while the old one answers',
} as const satisfies PrivateEndpoints

/** The routes of tracking's private port. It asks nobody who they are: the public API does. */
export const trackingRoutes = (serving: TrackingRouteOptions): RoutesFor<typeof trackingEndpoints> => {
  const stream = streaming(serving)
  const order =
    (answer: (id: OrderId, request: PrivateRequest) => Promise<PrivateAnswer>): PrivateRoute =>
    async ({ id }, _, request) => {
      const parsed = OrderId.safeParse(id)
      return parsed.success ? answer(parsed.data, request) : unknownOrder
    }
  return {
    '/orders': (_, __, { query }) => list(serving, query),
    '/orders/:id/timeline': order((id, { query }) => timeline(serving, id, query)),
    '/orders/:id/events': order(stream),
    '/lag': () => ({
      status: 200,
      body: { ...lagNow(serving), generations: serving.generations.progress() },
    }),
    'POST /rebuild': async () => ({
      status: 202,
      body: { generation: await serving.generations.rebuild(), state: 'building' },
    }),
  }
}

/** How far the generation that answers is behind the journal now. */
export const lagNow = ({ generations, clock, startedAt }: TrackingRouteOptions): Lag =>
  lagOf(clock.now(), generations.asOf(), startedAt)

const list = async (serving: TrackingRouteOptions, query: URLSearchParams): Promise<PrivateAnswer> => {
  const parameters = parametersOf(query)
  if ('errors' in parameters) return invalid(parameters.errors)
  const { model } = serving.generations.serving()
  const asOf = lagNow(serving) // before the read: what comes meanwhile may be in it or not
  const now = serving.clock.now()
  const asked = queryOf(parameters.value, now)
  const { orders, next } = pageOf(await model.list(asked), asked, parameters.value.sort)
  return { status: 200, body: { ...asOf, orders: orders.map(one => listItemOf(one, now)), next } }
}

const timeline = async (
  serving: TrackingRouteOptions,
  orderId: OrderId,
  query: URLSearchParams,
): Promise<PrivateAnswer> => {
  const { model } = serving.generations.serving()
  const asOf = lagNow(serving)
  const [order] = (await model.load([orderId])).map(seenBy(query))
  const body = order ? storyOf(order, serving.clock.now()) : emptyStory(orderId)
  return { status: 200, body: { ...asOf, ...body } }
}

/** The order as whoever asks with this query may see it. */
const seenBy = (query: URLSearchParams) => (order: TrackedOrder | undefined) =>
  order && query.get('errors') === 'hidden' ? { ...order, entries: order.entries.map(withoutErrors) } : order

const streaming = (serving: TrackingRouteOptions) => {
  setMaxListeners(0, serving.closing) // each stream listens
  const { most, heartbeatMs } = serving.streams ?? { most: 256, heartbeatMs: 15_000 }
  let open = 0
  return async (orderId: OrderId, { lastEventId, query }: PrivateRequest): Promise<PrivateAnswer> => {
    const load = async (id: string) =>
      (await serving.generations.serving().model.load([id])).map(seenBy(query))[0]
    if (isOver(await load(orderId), lastEventId)) return { status: 204, body: '' }
    if (open >= most) return busy
    const gone = new AbortController()
    const leave = () => gone.abort()
    const { signal } = gone
    const events = eventStream({ ...serving, load, heartbeatMs, signal }, orderId, lastEventId)
    const stream = readableOf(events, leave)
    open += 1
    serving.closing.addEventListener('abort', leave)
    stream.once('close', () => {
      open -= 1
      serving.closing.removeEventListener('abort', leave)
    })
    if (serving.closing.aborted) leave()
    return { status: 200, body: stream, type: 'text/event-stream' }
  }
}

/**
 * The texts as a stream. One that is destroyed closes at once and then calls `left`, which has to wake the
 * texts up: Node's own `Readable.from` would first wait for the next text.
 */
const readableOf = (texts: AsyncGenerator<string, void>, left: () => void): Readable =>
  new Readable({
    read() {
      texts.next().then(
        ({ done, value }) => !this.destroyed && this.push(done ? null : value),
        error => this.destroy(error),
      )
    },
    destroy(error, closed) {
      left()
      texts.return().catch(() => {})
      closed(error)
    },
  })

const invalid = (errors: readonly FieldError[]): PrivateAnswer => ({
  status: 400,
  body: problem(400, 'fields-invalid', {
    title: 'Invalid request',
    detail: 'Some parameters are not what they should be.',
    errors,
  }),
})

const unknownOrder: PrivateAnswer = {
  status: 404,
  body: problem(404, 'order-unknown', { title: 'No such order', detail: 'This is no order id.' }),
}

const busy: PrivateAnswer = {
  status: 503,
  body: problem(503, 'busy', { title: 'Busy', detail: 'As many streams as there may be are open.' }),
}
