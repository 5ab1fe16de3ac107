import type { OrderId } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import type { Fact } from '../../shared/contract/event.ts'
import type { EventId } from '../../shared/contract/ids.ts'
import type { Accept } from '../../shared/saga/define/decision.ts'
import { fold, reactionTo, type Service } from '../../shared/saga/define/service.ts'

export const orderId = `ord_${'0'.repeat(25)}1` as OrderId

/** What was heard, as plain data: the facts it led to, and their types, or that it was ignored. */
export type Heard<S> = { readonly state: S; readonly did: string; readonly facts: readonly Fact[] }

/** How a call outside is answered in a test of pure decisions. */
export type Answers = (call: { kind: string }) => unknown

/** Feeds one event to a service's own reaction, with its call, if it asks for one, answered at once. Pure. */
export const hear = <S>(service: Service<S>, state: S, event: Event, answers: Answers): Heard<S> => {
  const reaction = reactionTo(service, event.type)
  if (!reaction) throw new Error(`${service.name} does not hear ${event.type}`)
  const decision = reaction.decide(state, event)
  if (decision.kind === 'ignore') return { state, did: 'ignored', facts: [] }
  const accepted =
    decision.kind === 'accept'
      ? decision
      : (reaction.conclude?.(state, decision.call, answers(decision.call as { kind: string })) as Accept)
  return {
    state: fold(service, state, accepted.facts),
    did: accepted.facts.map(({ type }) => type).join(' + '),
    facts: accepted.facts,
  }
}

let count = 0
/** A recorded event as a subscriber gets it. */
export const recorded = (fact: Pick<Event, 'type' | 'version' | 'data' | 'note'>): Event =>
  ({
    ...fact,
    id: `${orderId}:${shop.definitionOf(fact.type)?.owner ?? 'test'}:${++count}` as EventId,
    subject: orderId,
    at: '2030-01-01T00:00:00.000Z',
  }) as Event
