import { z } from 'zod'
import { Resolution } from '../../shared/saga/define/manual-answer.ts'
import { type ResolutionOutcome, resolutionOutcomes } from '../../shared/saga/process/resolve.ts'
import { reactingNames } from '../registry.ts'

/** What every service that reacts answers on its private port when it is asked to end a stuck call. */
export const ResolutionAnswer: z.ZodType<{ outcome: ResolutionOutcome }> = z.object({
  outcome: z.enum(resolutionOutcomes),
})

/** The services that may have a stuck call: order calls nobody. */
export const callingNames = reactingNames.filter(name => name !== 'order')

/** What an operator decides, and about which service's call. */
export const ResolutionRequest = z.strictObject({
  service: z.enum(callingNames).describe('The service whose call is stuck.'),
  ...Resolution.shape,
})
export type ResolutionRequest = z.output<typeof ResolutionRequest>
