import type { Delivery, OutgoingMessage } from '../../shared/messaging/broker.ts'
import { codeOf } from '../../shared/runtime/errors.ts'

/** An event message with this id. */
export const message = (messageId: string, changes: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  exchange: 'saga.events',
  key: 'order.placed',
  type: changes.key ?? 'order.placed',
  body: Buffer.from(`{"id":"${messageId}"}`),
  contentType: 'application/cloudevents+json',
  messageId,
  ...changes,
})

/** The ids `m0`, `m1` and so on. */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`)

/** The code of the rejection, `resolved` when there is none. */
export const outcomeOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'resolved', codeOf)

export const idOf = ({ messageId }: Delivery): string => messageId ?? ''

/** Resolves when the condition holds; after `ms` an error says what was waited for. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> => {
  const deadline = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/**
 * Headers without the queue's own counts of deliveries: 3.10 has one always, 4.3 two as soon as they are not
 * zero.
 */
export const withoutCounts = (headers: Record<string, unknown> = {}): Record<string, unknown> => {
  const { 'x-delivery-count': _, 'x-acquired-count': __, ...others } = headers
  return others
}
