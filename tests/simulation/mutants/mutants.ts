import { kernelMutants } from './kernel.ts'
import type { Mutant } from './mutant.ts'
import { serviceMutants } from './services.ts'
import { stockMutants } from './stock.ts'

export const mutants: readonly Mutant[] = [...kernelMutants, ...stockMutants, ...serviceMutants]
