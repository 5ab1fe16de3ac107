import { callMutants } from './calls.ts'
import { failureMutants } from './failures.ts'
import type { Mutant } from './mutant.ts'
import { reactionMutants } from './reaction.ts'
import { serviceMutants } from './services.ts'
import { stockMutants } from './stock.ts'
import { unsentMutants } from './unsent.ts'

export const mutants: readonly Mutant[] = [
  ...reactionMutants,
  ...unsentMutants,
  ...callMutants,
  ...failureMutants,
  ...stockMutants,
  ...serviceMutants,
]
