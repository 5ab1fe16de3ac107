import { z } from 'zod'
import type { Fact } from '../../contract/event.ts'
import { enteredText } from '../../contract/text.ts'

/** How long the texts of a resolution may be, in characters. */
const longestName = 100
const longestText = 500

/** An operator's decision: the answer in place of that of whoever was called, who gives it, why, and what was done outside. */
export const Resolution = z.strictObject({
  answer: z
    .string()
    .regex(/^[a-z][a-z-]{0,39}$/)
    .describe('The answer, by its name.'),
  by: enteredText(longestName).describe('Who decided.'),
  why: enteredText(longestText).describe('Why the call cannot be answered otherwise.'),
  outside: enteredText(longestText).describe(
    'What was done outside, such as a bank transfer and its number.',
  ),
})
export type Resolution = z.output<typeof Resolution>

/** A resolution on record, with what it vouches for, in cents. */
export const RecordedResolution = z.strictObject({ ...Resolution.shape, amount: z.int().min(0) })
export type RecordedResolution = z.output<typeof RecordedResolution>

/** The answers to a call that may be given by hand, by name, and the money at risk until one is given, in cents. */
export type ManualAnswers = {
  readonly answers: Readonly<Record<string, unknown>>
  readonly amount: number
}

/** What a service lets an operator answer in place of whoever it calls. */
export type ManualAnswerRule = {
  /** Undefined for a call that nobody but the one who is called may answer. */
  answersTo(call: unknown): ManualAnswers | undefined
  /** The note that keeps the resolution on record; `type` is that of its facts. */
  readonly note: ((data: RecordedResolution) => Fact) & { readonly type: string }
}
