import type { OrderId } from '../contract/ids.ts'
import type { Event } from '../contract/registry.ts'
import { blank, type OrderDocument } from '../persistence/document.ts'
import { codeOf, hasCode } from '../runtime/errors.ts'
import type { Accept, Ignore } from './decision.ts'
import { changeOf, commit, type Kernel, load, published, untilWon } from './kernel.ts'

/** `accepted` is false when there was nothing to put on record. */
type Initiated<S> = { accepted: boolean; document: OrderDocument<S> }

/**
 * Puts facts on record that no message caused (protocol, rule 2): events and their mark in one write, then published in the background;
 * the mark goes when they are confirmed, and a sweep sends what kept its mark. Resolves with the document once it is durable.
 * `isNew` spares the read when the order is not expected to exist; the events go on in `traceparent`, if it is given and the order is
 * in no trace yet. Throws what the store throws.
 */
export const initiate = <S>(
  kernel: Kernel<S>,
  orderId: OrderId,
  decide: (state: S) => Accept | Ignore,
  { isNew = false, traceparent }: { isNew?: boolean; traceparent?: string | undefined } = {},
): Promise<Initiated<S>> =>
  untilWon<Initiated<S>>(orderId, async round => {
    const document =
      isNew && round === 0 ? blank(orderId, kernel.service.initial) : await load(kernel, orderId)
    const decision = decide(document.state)
    if (decision.kind === 'ignore') return { accepted: false, document }
    const write = { facts: decision.facts, unsent: true, traceparent }
    const change = changeOf(kernel.service, document, write, kernel.clock.now())
    const written = await commit(kernel, document, change)
    if (written === 'conflict') return 'again'
    kernel.background(relay(kernel, orderId, published(change.events ?? [])))
    return { accepted: true, document: written }
  })

/** Publishes what is marked as unsent and takes the marks away; false when there was nothing or it failed, which is left to the sweep. */
export const relay = async (kernel: Kernel, orderId: OrderId, events: readonly Event[]): Promise<boolean> => {
  if (events.length === 0) return false
  try {
    await kernel.publish(events)
    await kernel.store.clearUnsent(
      orderId,
      events.map(event => event.id),
    )
    kernel.pauses.ended(orderId)
    return true
  } catch (error) {
    // Without a broker nothing is sent and nothing is refused: then it goes as soon as the broker is back.
    if (!hasCode(error, 'broker-unavailable')) kernel.pauses.failed(orderId)
    kernel.log.warn('events stay marked as unsent', { orderId, code: codeOf(error) })
    return false
  }
}
