import { z } from 'zod'

/** One line of printable text; control characters would forge log lines. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'text without control characters')
