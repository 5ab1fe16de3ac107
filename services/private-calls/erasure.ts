import { z } from 'zod'
import type { Erasure } from '../../shared/saga/process/erase.ts'

/** What every service that reacts answers on its private port when it is asked to erase an order. */
export const ErasureAnswer: z.ZodType<{ outcome: Erasure }> = z.object({
  outcome: z.enum(['erased', 'open', 'unknown']),
})
