import { kernelPromises } from '../../shared/saga/define/service-description.ts'
import { type Invariant, invariants } from '../invariants.ts'
import { table } from '../page.ts'
import { type DescribedService, toRoot } from './described-services.ts'

/** The invariants that it holds, with the tests that try them. */
export const promising = ({ description: { promises }, service }: DescribedService): string => {
  const own = invariants().filter(({ id }) => promises.includes(id))
  const rows = own.map(({ id, holds, tests }) => [id, holds, tests.map(linkTo).join(', ')])
  const ofKernel = `And what the kernel holds for every service that reacts: ${kernelPromises.join(', ')} of [the invariants](${toRoot}/docs/invariants.md).`
  const ownTable = rows.length > 0 ? [table(['id', 'what holds', 'tested by'], rows)] : []
  return [...ownTable, ...(service ? [ofKernel] : [])].join('\n\n')
}

const linkTo = (file: Invariant['tests'][number]) =>
  `[${file.replace(/^tests\/|\.spec\.ts$/g, '')}](${toRoot}/${file})`
