import type { Mutant } from './mutant.ts'
import { kernelMutants } from './mutants-kernel.ts'
import { serviceMutants } from './mutants-services.ts'
import { stockMutants } from './mutants-stock.ts'

export const mutants: readonly Mutant[] = [...kernelMutants, ...stockMutants, ...serviceMutants]
