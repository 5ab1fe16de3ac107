import { isDeepStrictEqual } from 'node:util'
import type { Definitions } from '../../messaging/topology/definitions.ts'

/** Anything that can be declared on a broker, named so that a person finds it. */
export type TopologyItem = {
  readonly kind: TopologyItemKind
  readonly name: string
  readonly definition: Readonly<Record<string, unknown>>
}
export type TopologyItemKind =
  | 'vhost'
  | 'user'
  | 'permission'
  | 'topic permission'
  | 'policy'
  | 'exchange'
  | 'queue'
  | 'binding'

/** A field of something that is there but other than declared. */
export type Difference = Omit<TopologyItem, 'definition'> & {
  readonly field: string
  readonly declared: unknown
  readonly live: unknown
}

/**
 * How a broker differs from what is declared. Only what is missing can be repaired without taking anything
 * away.
 */
export type TopologyPlan = {
  readonly missing: readonly TopologyItem[]
  readonly different: readonly Difference[]
  readonly extra: readonly Omit<TopologyItem, 'definition'>[]
}

type Section = {
  readonly kind: TopologyItemKind
  readonly name: (definition: Readonly<Record<string, unknown>>) => string
  readonly compared: readonly string[]
}

/** The sections of a definitions file, in the order in which a broker takes them. */
export const sections: Readonly<Record<string, Section>> = {
  vhosts: { kind: 'vhost', name: one => `${one.name}`, compared: [] },
  users: { kind: 'user', name: one => `${one.name}`, compared: ['tags'] },
  permissions: {
    ...{ kind: 'permission', name: one => `${one.user}` },
    compared: ['configure', 'write', 'read'],
  },
  topic_permissions: {
    ...{ kind: 'topic permission', name: one => `${one.user} on ${one.exchange}` },
    compared: ['write', 'read'],
  },
  policies: {
    ...{ kind: 'policy', name: one => `${one.name}` },
    compared: ['pattern', 'apply-to', 'priority', 'definition'],
  },
  exchanges: {
    ...{ kind: 'exchange', name: one => `${one.name}` },
    compared: ['type', 'durable', 'auto_delete', 'internal', 'arguments'],
  },
  queues: {
    ...{ kind: 'queue', name: one => `${one.name}` },
    compared: ['durable', 'auto_delete', 'arguments'],
  },
  bindings: {
    kind: 'binding',
    name: one => `${one.source} -> ${one.destination_type} ${one.destination} by ${one.routing_key || '""'}`,
    compared: [],
  },
}

/** Compares what is declared with what a broker has, section by section. Pure. */
export const planTopology = (declared: Definitions, live: Definitions): TopologyPlan => {
  const plans = Object.entries(sections).map(([section, how]) =>
    planSection(how, thingsOf(how, declared[section]), thingsOf(how, live[section])),
  )
  return {
    missing: plans.flatMap(({ missing }) => missing),
    different: plans.flatMap(({ different }) => different),
    extra: plans.flatMap(({ extra }) => extra),
  }
}

const thingsOf = (
  { kind, name }: Section,
  definitions: Definitions[string] = [],
): Map<string, TopologyItem> =>
  new Map(definitions.map(one => [name(one), { kind, name: name(one), definition: one }]))

const planSection = (
  { compared }: Section,
  declared: ReadonlyMap<string, TopologyItem>,
  live: ReadonlyMap<string, TopologyItem>,
): TopologyPlan => ({
  missing: [...declared.values()].filter(({ name }) => !live.has(name)),
  different: [...declared.values()].flatMap(thing => differences(compared, thing, live.get(thing.name))),
  extra: [...live.values()]
    .filter(({ name }) => !declared.has(name))
    .map(({ kind, name }) => ({ kind, name })),
})

const differences = (
  compared: readonly string[],
  { kind, name, definition }: TopologyItem,
  live?: TopologyItem,
) =>
  compared
    .map(field => ({ field, declared: definition[field], live: live?.definition[field] }))
    .filter(one => live && !isDeepStrictEqual(one.declared, one.live))
    .map((one): Difference => ({ kind, name, ...one }))
