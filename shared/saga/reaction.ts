import type { AnyDefinition, EventOf, Fact } from '../contract/event.ts'
import type { EventType } from '../contract/registry.ts'
import type { Duration } from '../runtime/duration.ts'
import type { Accept, Decision } from './decision.ts'

/** What an emitted event means for the saga: it goes on, it turns back, this step of the service is undone, or it ends. */
export type Role = 'forward' | 'refusal' | `undoes ${EventType}` | 'end'

type FactsOf<R> = R extends Accept<infer F> ? F : never
type PublicTypes<F> = F extends Fact<infer T, unknown, false> ? T : never

/** Exactly the public facts that decide and conclude can return: a missing or an extra one does not compile. */
export type Emits<R> = { readonly [T in PublicTypes<FactsOf<R>>]: Role }

/** One row of a service's table, as the kernel sees it. */
export type Reaction<S> = {
  readonly on: AnyDefinition
  readonly emits: Readonly<Record<string, Role>>
  /** How long the step usually takes at most; for figures and for explaining a wait, it triggers nothing. */
  readonly within: Duration
  /** Usually the first that the service hears of an order: it is written without a read before. */
  readonly opens?: boolean
  decide(state: S, event: unknown): Decision
  conclude?(state: S, call: unknown, answer: unknown): Accept
}

/**
 * Declares that a service reacts to an event: `decide` answers at once, or asks for a call whose answer `conclude` turns into facts.
 * Both are pure.
 */
export const on = <D extends AnyDefinition, S, C, A, R extends Decision, E extends Accept = never>(
  definition: D,
  reaction: {
    decide: (state: S, event: EventOf<D>) => R
    conclude?: (state: S, call: C, answer: A) => E
    emits: Emits<R | E>
    within: Duration
    opens?: boolean
  },
): Reaction<S> => ({ on: definition, ...reaction }) as Reaction<S> // the kernel hands each row the events of its own definition
