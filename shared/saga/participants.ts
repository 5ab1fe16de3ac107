import type { Participant } from '../messaging/topology/topology.ts'
import type { Service } from './define/service.ts'

/**
 * Services as the broker sees them: what each hears by its table, and the events of its saga that it owns.
 */
export const participantsOf = (
  services: readonly Pick<Service, 'saga' | 'name' | 'reactions'>[],
): readonly Participant[] =>
  services.map(({ saga, name, reactions }) => ({
    service: name,
    subscribes: reactions.map(reaction => reaction.on.type),
    publishes: saga.events.filter(event => event.owner === name).map(event => event.type),
  }))
