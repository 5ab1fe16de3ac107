import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { z } from 'zod'
import type { FieldError } from '../../../shared/runtime/http/problem.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import type { OrderId } from '../../contract/ids.ts'
import { ListFaults } from '../../private-calls/order-list.ts'
import { OrderPage, OrderStory } from '../../private-calls/order-story.ts'
import type { Admission } from './admission.ts'
import { type Answer, type Refusal, refuse } from './answer.ts'
import type { ApiCall, Handler } from './handler.ts'
import { privateClient } from './private-client.ts'

/** What tracking said: a document, or which parameters it could not take. */
export type TrackingAnswer = { readonly body: unknown } | { readonly errors: readonly FieldError[] }

/** What errors said is for operators: it speaks of our code. */
type StoryReader = { readonly operator: boolean }

const shownTo = ({ operator }: StoryReader): string => (operator ? '' : '?errors=hidden')

/**
 * Reads what tracking knows. It never fails: a silent, slow or incomprehensible tracking is `unavailable`.
 */
export type TrackingReader = {
  list(query: URLSearchParams): Promise<TrackingAnswer | 'unavailable'>
  timeline(orderId: OrderId, reader: StoryReader): Promise<TrackingAnswer | 'unavailable'>
  /**
   * Server-sent events about an order; `over` when the client has them all and no more will come. Whoever
   * gets a stream destroys it.
   */
  follow(
    orderId: OrderId,
    reader: StoryReader & { readonly lastEventId: string | undefined },
  ): Promise<Readable | 'over' | 'unavailable'>
}

/**
 * Asks the private port of tracking; a document has to be there, and a stream has to begin, within
 * `timeoutMs` (5 s unless set).
 */
export const trackingFrom = (
  url: string,
  { clock, timeoutMs = 5_000 }: { clock: Clock; timeoutMs?: number },
): TrackingReader => {
  const tracking = privateClient(url, { clock, timeoutMs })
  const told = (path: string, schema: z.ZodType) =>
    tracking.get(path, response => documentOf(response, schema))
  return {
    list: query => told(`/orders?${query}`, OrderPage),
    timeline: (orderId, reader) => told(`/orders/${orderId}/timeline${shownTo(reader)}`, OrderStory),
    follow: (orderId, { lastEventId, ...reader }) => {
      const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      return tracking.get(`/orders/${orderId}/events${shownTo(reader)}`, streamOf, headers)
    },
  }
}

const streamOf = async (response: Response): Promise<Readable | 'over' | 'unavailable'> => {
  if (response.status === 204) return 'over'
  if (response.status === 200 && response.body) return Readable.fromWeb(response.body as ReadableStream)
  await response.body?.cancel()
  return 'unavailable'
}

const documentOf = async (response: Response, schema: z.ZodType): Promise<TrackingAnswer | 'unavailable'> => {
  const body: unknown = await response.json()
  if (response.status === 200) return { body: schema.parse(body) }
  return response.status === 400 ? { errors: ListFaults.parse(body).errors } : 'unavailable'
}

/** Lists orders: an operator's list has everybody's, a caller's only the own ones. */
export const listOrders =
  (tracking: TrackingReader): Handler =>
  async ({ caller, query }) => {
    const asked = query()
    if (!caller.operator && asked.has('caller'))
      return refuse('fields-invalid', {
        errors: [{ field: 'caller', expected: 'nothing: the list has your own orders' }],
      })
    if (!caller.operator) asked.set('caller', caller.name)
    return answerOf(await tracking.list(asked))
  }

/** Finds an order that the visitor may see. */
export type FindPermittedOrder = (call: ApiCall) => Promise<{ readonly orderId: OrderId } | undefined>

/** The whole story of one order. */
export const showTimeline =
  (tracking: TrackingReader, permitted: FindPermittedOrder): Handler =>
  async call => {
    const order = await permitted(call)
    return order ? answerOf(await tracking.timeline(order.orderId, call.caller)) : refuse('order-unknown')
  }

const answerOf = (told: TrackingAnswer | 'unavailable'): Answer => {
  if (told === 'unavailable') return refuse('tracking-unavailable')
  return 'errors' in told
    ? refuse('fields-invalid', { errors: told.errors })
    : { status: 200, body: told.body }
}

/**
 * The story of one order as server-sent events, until the order is settled. `places` bounds the streams that
 * are open.
 */
export const streamEvents =
  (tracking: TrackingReader, permitted: FindPermittedOrder, places: Admission): Handler =>
  async call => {
    const order = await permitted(call)
    if (!order) return refuse('order-unknown')
    const place = places.enter(call.caller.name)
    if (typeof place === 'string') return refuse(place === 'full' ? 'busy' : 'caller-busy')
    const stream = await tracking.follow(order.orderId, {
      operator: call.caller.operator,
      lastEventId: call.lastEventId,
    })
    if (typeof stream !== 'string') {
      stream.once('close', place.leave)
      return { status: 200, stream }
    }
    place.leave()
    return stream === 'over' ? nothingMore : unavailable
  }

// The one answer at which a client of server-sent events does not come back.
const nothingMore: Answer = { status: 204, body: undefined }
const unavailable: Refusal = refuse('tracking-unavailable')
