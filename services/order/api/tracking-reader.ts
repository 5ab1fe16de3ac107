import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { z } from 'zod'
import type { FieldError } from '../../../shared/runtime/http/problem.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import type { OrderId } from '../../contract/ids.ts'
import { ListFaults } from '../../private-calls/order-list.ts'
import { OrderPage, OrderStory } from '../../private-calls/order-story.ts'
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
