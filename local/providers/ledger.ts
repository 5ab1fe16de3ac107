import { z } from 'zod'

/**
 * Something that really happened at a provider. `amount` is in cents (0 for a shipment), `at` in epoch
 * milliseconds.
 */
export const LedgerEntry = z
  .object({
    key: z.string(),
    orderId: z.string(),
    kind: z.enum(['charge', 'refund', 'void', 'shipment']),
    amount: z.int(),
    at: z.int(),
  })
  .readonly()
export type LedgerEntry = z.output<typeof LedgerEntry>

/** What is remembered of an answered call: also answers that had no effect, because they are final too. */
export type AnsweredCall<Answer> = LedgerEntry & { readonly effect: boolean; readonly answer: Answer }

/**
 * Remembers answered calls. `append` resolves once the call cannot be forgotten any more, and rejects when
 * that is unknown.
 */
export type Ledger<Answer> = {
  readonly recovered: readonly AnsweredCall<Answer>[]
  append(call: AnsweredCall<Answer>): Promise<void>
}

/** A ledger that lives as long as `recovered`: hand the same array to a new simulator to play its restart. */
export const memoryLedger = <Answer>(recovered: AnsweredCall<Answer>[] = []): Ledger<Answer> => ({
  recovered,
  append: async call => {
    recovered.push(call)
  },
})

/** The public part of an answered call, without its answer. */
export const entryOf = ({ key, orderId, kind, amount, at }: LedgerEntry): LedgerEntry => ({
  key,
  orderId,
  kind,
  amount,
  at,
})
