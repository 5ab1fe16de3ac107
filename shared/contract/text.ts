import { z } from 'zod'

/** One line of printable text; control characters would forge log lines. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'text without control characters')

const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/u

/** Such text as somebody enters it: something of it can be seen, and its normal form is no longer than it may be. */
export const enteredText = (max: number) =>
  text(max)
    .refine(given => visible.test(given), 'text of which something can be seen')
    .refine(given => normalText(given).length <= max, `at most ${max} characters in Unicode's form NFC`)

/**
 * Text in the form in which it is kept, compared and searched: what looks the same may have been typed as one
 * character or as a letter and its accent.
 */
export const normalText = (given: string): string => given.normalize('NFC')
