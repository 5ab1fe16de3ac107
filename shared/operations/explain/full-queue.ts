import { inboxOf } from '../../messaging/topology/names.ts'
import type { Operations } from '../operations.ts'
import { eventsInto } from '../topology/event-routes.ts'
import { fillsOf, fillText } from '../topology/fill.ts'
import type { LiveTopology } from '../topology/live-topology.ts'

/** A queue that refuses what is published, and with it fails whoever publishes one of these events. */
export type FullQueue = {
  readonly name: string
  /** The types of events that it gets. */
  readonly events: readonly string[]
  /** How full it is, in words. */
  readonly fill: string
  /** Whose inbox it is; undefined of a queue of others. */
  readonly service?: string
}

/** A consumer makes room for a moment, and what is refused fills it again. */
const fullFrom = 0.95

/** The queues that refuse now, of the services of a saga and of others. Pure. */
export const fullQueues = (
  { saga, services }: Pick<Operations, 'saga' | 'services'>,
  live: LiveTopology,
): readonly FullQueue[] => {
  const into = eventsInto(saga.names.exchanges.events, live.definitions)
  return fillsOf(live)
    .filter(({ refuses, share }) => refuses && share !== undefined && share >= fullFrom)
    .map(fill => {
      const service = services.find(({ name }) => inboxOf(name) === fill.queue)?.name
      return {
        ...{ name: fill.queue, events: into.get(fill.queue) ?? [], fill: fillText(fill) },
        ...(service !== undefined && { service }),
      }
    })
}
