import type { AnyDefinition, EventOf, Fact } from '../../contract/event.ts'
import type { Duration } from '../../runtime/time/duration.ts'
import type { Accept, Decision } from './decision.ts'

/**
 * What an emitted event means for the saga: it goes on, it turns back, this step of the service is undone, or
 * it ends. `T` has the types that may be undone.
 */
export type Role<T extends string = string> = 'forward' | 'refusal' | `undoes ${T}` | 'end'

type FactsOf<R> = R extends Accept<infer F> ? F : never
type PublicTypes<F> = F extends Fact<infer T, unknown, false> ? T : never

/**
 * Exactly the public facts that decide and conclude can return: a missing or an extra one does not compile.
 */
export type Emits<R, T extends string = string> = { readonly [P in PublicTypes<FactsOf<R>>]: Role<T> }

/**
 * One row of a service's table, as the kernel sees it. In a table that names the events of its saga as `T`,
 * no other can be undone.
 */
export type Reaction<S, T extends string = string> = {
  readonly on: AnyDefinition
  readonly emits: Readonly<Record<string, Role<T>>>
  /** How long the step usually takes at most; for metrics and for explaining a wait, it triggers nothing. */
  readonly within: Duration
  /** Usually the first that the service hears of a subject: it is written without a read before. */
  readonly opens?: boolean
  decide(state: S, event: unknown): Decision
  conclude?(state: S, call: unknown, answer: unknown): Accept
}

/**
 * Declares that a service reacts to an event: `decide` answers at once, or asks for a call whose answer
 * `conclude` turns into facts. Both are pure.
 */
export const on = <
  D extends AnyDefinition,
  S,
  C,
  A,
  R extends Decision,
  T extends string = never,
  E extends Accept = never,
>(
  definition: D,
  reaction: {
    decide: (state: S, event: EventOf<D>) => R
    conclude?: (state: S, call: C, answer: A) => E
    emits: Emits<R | E, T>
    within: Duration
    opens?: boolean
  },
): Reaction<S, T> => ({ on: definition, ...reaction }) as Reaction<S, T> // the kernel hands each row the events of its own definition
