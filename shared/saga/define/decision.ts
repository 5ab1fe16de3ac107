import type { Fact } from '../../contract/event.ts'

/** Facts to put on record, in this order. */
export type Accept<F extends Fact = Fact> = { readonly kind: 'accept'; readonly facts: readonly F[] }
/** Nothing to do, and why; the input is remembered as heard. */
export type Ignore = { readonly kind: 'ignore'; readonly reason: string }
/** Something outside has to be asked first; its answer is concluded by the same reaction. */
export type Call<C = unknown> = {
  readonly kind: 'call'
  readonly call: C
  /**
   * `once`: on record before it is made; the world outside knows it by its key.
   * `every-attempt`: on record with a new token at each attempt; the token fences older attempts.
   * `never`: safe to repeat as it is, because each part of it finds out whether it was done.
   */
  readonly record: 'once' | 'every-attempt' | 'never'
}

/** What a pure decide function answers. A business "no" is a fact, not an error. */
export type Decision = Accept | Ignore | Call

export const accept = <F extends Fact[]>(...facts: F): Accept<F[number]> => ({ kind: 'accept', facts })
export const ignore = (reason: string): Ignore => ({ kind: 'ignore', reason })
export const call = <C>(request: C): Call<C> => ({ kind: 'call', call: request, record: 'once' })
export const fencedCall = <C>(request: C): Call<C> => ({
  kind: 'call',
  call: request,
  record: 'every-attempt',
})
export const repeatableCall = <C>(request: C): Call<C> => ({ kind: 'call', call: request, record: 'never' })
