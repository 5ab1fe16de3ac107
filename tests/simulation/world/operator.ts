import { reactingNames } from '../../../services/registry.ts'
import { deadLettersOf, inboxOf } from '../../../shared/messaging/topology/names.ts'
import type { Held } from './queues.ts'
import type { Owner } from './schedule.ts'
import type { Shop } from './shop.ts'

/**
 * Replays every dead letter, one at a time (protocol, rule 6): alone to the inbox of its service under a
 * fresh re-send id, confirmed, and only then off the dead letters.
 */
export const replayAll = async (shop: Shop, operator: Owner): Promise<void> => {
  const publisher = shop.broker.for(operator).publisher()
  for (const service of reactingNames) {
    const queue = shop.broker.find(deadLettersOf(service))
    for (const held of [...queue.ready]) await replay(shop, operator, publisher, service, held)
  }
}

const replay = async (
  { broker, schedule, hit }: Shop,
  operator: Owner,
  publisher: ReturnType<ReturnType<Shop['broker']['for']>['publisher']>,
  service: string,
  held: Held,
): Promise<void> => {
  const resend = `replay-${schedule.state.turns++}`
  hit('replayed')
  await publisher.publish({
    ...held.message,
    exchange: '',
    key: inboxOf(service),
    headers: { 'x-resend': resend },
  })
  const about = {
    port: 'ack',
    key: operator.name,
    text: () => `takes ${held.message.messageId} off the dead letters`,
  }
  await schedule.call(operator, about, () => {
    const { ready } = broker.find(deadLettersOf(service))
    const place = ready.indexOf(held)
    if (place >= 0) ready.splice(place, 1)
  })
}
