import { ListOrders, type OrderQueries, ShowOrder, TellStory } from '../queries.ts'
import type { Admission } from './admission.ts'
import { type Answer, type Refusal, refuse } from './answer.ts'
import type { Handler } from './handler.ts'
import { answerFor } from './reply.ts'
import type { TrackingAnswer, TrackingReader } from './tracking-reader.ts'

/** Lists orders: an operator's list has everybody's, a caller's only the own ones. */
export const listOrders =
  (queries: OrderQueries): Handler =>
  async ({ caller, query }) =>
    answerFor(await queries.ask(ListOrders, { content: query() }, { actor: caller }), { answered: told })

/** The whole story of one order. */
export const showTimeline =
  (queries: OrderQueries): Handler =>
  async ({ caller, parameter }) =>
    answerFor(await queries.ask(TellStory, { subject: parameter }, { actor: caller }), {
      answered: told,
      subject: 'order-unknown',
    })

const told = (answer: TrackingAnswer | 'unavailable' | 'unknown'): Answer => {
  if (answer === 'unknown') return refuse('order-unknown')
  if (answer === 'unavailable') return refuse('tracking-unavailable')
  return 'errors' in answer
    ? refuse('fields-invalid', { errors: answer.errors })
    : { status: 200, body: answer.body }
}

/** What streams of events are made from; `places` bounds those that are open. */
export type StreamDeps = {
  readonly queries: OrderQueries
  readonly tracking: Pick<TrackingReader, 'follow'>
  readonly places: Admission
}

/**
 * The story of one order as server-sent events, until the order is settled. It is no query: a stream has no
 * answer that ends, and its place is taken for as long as it is open.
 */
export const streamEvents =
  ({ queries, tracking, places }: StreamDeps): Handler =>
  async ({ caller, parameter, lastEventId }) => {
    const found = await queries.ask(ShowOrder, { subject: parameter }, { actor: caller })
    if (found.kind !== 'answered' || found.answer === 'unknown') return refuse('order-unknown')
    const place = places.enter(caller.name)
    if (typeof place === 'string') return refuse(place === 'full' ? 'busy' : 'caller-busy')
    const { orderId } = found.answer
    const stream = await tracking.follow(orderId, { operator: caller.operator, lastEventId })
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
