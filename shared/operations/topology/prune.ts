import type { Names } from '../../contract/names.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import type { ManagementCall } from '../../messaging/topology/management.ts'
import { oneOf } from '../../messaging/topology/topology.ts'
import { type ForeignQueue, foreignQueues } from './foreign-queues.ts'
import type { LiveTopology } from './live-topology.ts'
import { sections } from './plan.ts'
import type { DeclaredTopology } from './topology.ts'

type Row = Definitions[string][number]

/** What of others hangs on our exchanges, and would be taken away. */
export type PrunePlan = {
  /** With what lies in them, which is lost. */
  readonly queues: readonly ForeignQueue[]
  /** Those that do not go with their queue. */
  readonly bindings: readonly Row[]
  /** Policies for one of these queues alone. */
  readonly policies: readonly Row[]
}

/**
 * What nobody declares any more: the queues that are bound to our exchanges themselves, and the bindings that
 * lead from them anywhere else. Of the queues only the `named` ones, and then no other bindings. Pure.
 */
export const planPrune = (
  names: Names,
  declared: Definitions,
  live: LiveTopology,
  named: readonly string[] = [],
): PrunePlan => {
  const isMeant = (queue: string) => named.length === 0 || named.includes(queue)
  const queues = foreignQueues(names, declared, live).filter(({ name, direct }) => direct && isMeant(name))
  const going = new Set(queues.map(({ name }) => name))
  const bindings = named.length > 0 ? [] : foreignBindings(declared, live.definitions)
  const isOf = (policy: Row) => [...going].some(queue => policy.pattern === oneOf([queue]))
  return {
    queues,
    bindings: bindings.filter(({ destination }) => !going.has(`${destination}`)),
    policies: (live.definitions.policies ?? []).filter(isOf),
  }
}

/** From where to where, and by which key. Pure. */
export const bindingName = (binding: Row): string => sections.bindings?.name(binding) ?? ''

const foreignBindings = (declared: Definitions, live: Definitions): readonly Row[] => {
  const ours = new Set(declared.bindings?.map(bindingName))
  const exchanges = new Set(declared.exchanges?.map(({ name }) => name))
  return (live.bindings ?? []).filter(one => exchanges.has(one.source) && !ours.has(bindingName(one)))
}

/**
 * Deletes all of it, and what lies in the queues with them; nothing of ours, and no user.
 * @throws SagaError `broker-unavailable`, `broker-refused`; what was deleted by then is gone
 */
export const prune = async (
  api: ManagementCall,
  { vhost }: DeclaredTopology,
  { queues, bindings, policies }: PrunePlan,
): Promise<void> => {
  const path = (...parts: unknown[]) => `/api/${parts.map(part => encodeURIComponent(`${part}`)).join('/')}`
  for (const { source, destination_type: to, destination, properties_key: key } of bindings)
    await api('DELETE', path('bindings', vhost, 'e', source, to === 'queue' ? 'q' : 'e', destination, key))
  for (const { name } of queues) await api('DELETE', path('queues', vhost, name))
  for (const { name } of policies) await api('DELETE', path('policies', vhost, name))
}
