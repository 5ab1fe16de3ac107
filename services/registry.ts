/**
 * A service of the shop. Everything else of it is in the folder `services/<name>`: `main.ts` exports `start`,
 * `configuration.ts` its variables, `service-description.ts` what its page says, and `reactions.ts` its
 * `rules` when it reacts.
 */
type Entry = {
  readonly name: string
  /** Whether it reacts to events, through an inbox of its own; else it only reads the journal. */
  readonly reacts: boolean
  /** The first word of the types of its events; absent when it publishes none. */
  readonly eventPrefix?: string
  /** Where its private port listens when CHOREO_HEALTH_PORT says nothing else. */
  readonly privatePort: number
}

/** The services, in the order of their start. This is the only list of them: every other one is derived. */
export const registry = [
  { name: 'order', reacts: true, eventPrefix: 'order', privatePort: 3_101 },
  { name: 'inventory', reacts: true, eventPrefix: 'inventory', privatePort: 3_102 },
  { name: 'payment', reacts: true, eventPrefix: 'payment', privatePort: 3_103 },
  { name: 'shipping', reacts: true, eventPrefix: 'shipment', privatePort: 3_104 },
  { name: 'tracking', reacts: false, privatePort: 3_105 },
] as const satisfies readonly Entry[]

type Listed = (typeof registry)[number]

/** The name of a service. */
export type ServiceName = Listed['name']
/** The name of a service that reacts to events. */
export type ReactingName = Extract<Listed, { reacts: true }>['name']
/** A service that publishes events. */
type Owner = Extract<Listed, { eventPrefix: string }>

/** Every service. */
export const serviceNames: readonly ServiceName[] = registry.map(({ name }) => name)

/** The services that react to events, each with an inbox and dead letters of its own. */
export const reactingNames: readonly ReactingName[] = registry.flatMap(({ name, reacts }) =>
  reacts ? [name as ReactingName] : [],
)

/** The services that only read the journal. */
export const readingNames: readonly ServiceName[] = registry.flatMap(({ name, reacts }) =>
  reacts ? [] : [name],
)

/** The owner of an event, by the first word of its type. */
export const eventOwners = Object.fromEntries(
  registry.flatMap(entry => ('eventPrefix' in entry ? [[entry.eventPrefix, entry.name]] : [])),
) as { readonly [O in Owner as O['eventPrefix']]: O['name'] }

/** Where the private port of a service listens unless its configuration says otherwise. */
export const privatePortOf = (service: ServiceName): number =>
  registry.find(({ name }) => name === service)?.privatePort ?? 0
