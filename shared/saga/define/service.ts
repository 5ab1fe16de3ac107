import type { Fact } from '../../contract/event.ts'
import type { EventId, SubjectId } from '../../contract/ids.ts'
import type { Saga } from '../../contract/saga.ts'
import { SagaError } from '../../runtime/errors.ts'
import type { ManualAnswerRule } from './manual-answer.ts'
import type { Reaction, Role } from './reaction.ts'

/** What a call outside gets to know besides its request. */
export type CallContext = { readonly subject: SubjectId; readonly source: EventId; readonly token: number }

/** `stale` means that a newer attempt has taken over: read again. */
export type Perform = (call: unknown, context: CallContext) => Promise<{ answer: unknown } | 'stale'>

/** For a service whose reactions call nobody. */
export const noCalls: Perform = () =>
  Promise.reject(new SagaError('event-unknown', 'a call from a service that makes none', { retry: 'never' }))

/**
 * A service of a saga on one page: what it starts from, how facts change it, what it hears, and how it
 * reaches outside.
 */
export type Service<S = unknown> = {
  readonly saga: Saga
  readonly name: string
  readonly initial: S
  /** The next state; facts that do not concern the state leave it as it is. */
  evolve(state: S, fact: Fact): S
  readonly reactions: readonly Reaction<S>[]
  /** What it says without an event that causes it: over HTTP, or because time passed. */
  readonly says?: Readonly<Record<string, Role>>
  readonly perform: Perform
  /** Which calls an operator may answer when they are stuck; undefined: none. */
  readonly byHand?: ManualAnswerRule
  /**
   * How long a call may hold its message (ms) before a worker takes it over; undefined: until it is answered.
   */
  readonly patience?: number
  /** When the document wants to be looked at again (ms) although nothing arrives; undefined: never. */
  due?(state: S): number | undefined
  /**
   * True when nothing will need what is sensitive in the events any more; undefined: as soon as no call is
   * open.
   */
  mayErase?(state: S): boolean
  /**
   * What is to be done at that time: facts that no message caused, and whether all such facts are to be sent
   * again.
   */
  overdue?(state: S, now: number): OverdueResult
}

export type OverdueResult = { readonly facts: readonly Fact[]; readonly nudge: boolean }

/** The state after the facts. */
export const fold = <S>(service: Service<S>, state: S, facts: readonly Fact[]): S =>
  facts.reduce((folded, fact) => service.evolve(folded, fact), state)

/** The row for this event type, or undefined when the service does not hear it. */
export const reactionTo = <S>(service: Service<S>, type: string): Reaction<S> | undefined =>
  service.reactions.find(reaction => reaction.on.type === type)
