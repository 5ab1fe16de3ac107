import { notOnImageNode, notOnRabbitMq4, type Selected, together } from './selection.ts'
import { everySpec, reachesBroker, reachesSystem } from './spec-files.ts'

/** What a run runs on, where it is not this machine's. */
export type Platform = { readonly imageNode: boolean; readonly rabbitMq4: boolean }

/** The specs that are meant. */
export const namedBy = (selected: readonly Selected[]): readonly string[] => {
  const names = selected.flatMap(({ specs }) => specs)
  return everySpec.filter(spec =>
    names.some(name => (name.endsWith('/') ? spec.startsWith(name) : spec === name)),
  )
}

const without = (specs: readonly string[], left: readonly string[]) =>
  specs.filter(spec => !left.includes(spec))

/** All of them, unless it is asked only what depends on another Node, on another broker, or on either. */
export const specsFor = ({ imageNode, rabbitMq4 }: Platform): readonly string[] => {
  if (!imageNode && !rabbitMq4) return everySpec
  const onNode = imageNode ? without(everySpec, namedBy(notOnImageNode)) : []
  const onBroker = rabbitMq4 ? without(everySpec.filter(reachesBroker), namedBy(notOnRabbitMq4)) : []
  return everySpec.filter(spec => onNode.includes(spec) || onBroker.includes(spec))
}

/**
 * What takes longest comes first, so that no process has it left when the others are done: simulations, whole
 * systems, what needs a broker.
 */
const turnOf = (spec: string): number => {
  if (spec.startsWith('simulation/')) return 0
  if (reachesSystem(spec)) return 1
  return reachesBroker(spec) ? 2 : 3
}

/** In which order processes take these specs, and what one process takes at a time. */
export const batchesOf = (specs: readonly string[]): readonly (readonly string[])[] => {
  const bound = together.map(one => namedBy([one]).filter(spec => specs.includes(spec)))
  const single = without(specs, bound.flat()).map(spec => [spec])
  const turn = (batch: readonly string[]) => Math.min(...batch.map(turnOf))
  return [...bound.filter(({ length }) => length > 0), ...single].toSorted((a, b) => turn(a) - turn(b))
}
