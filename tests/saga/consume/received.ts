import { type Event, shop } from '../../../services/contract/shop.ts'
import { encode } from '../../../shared/contract/envelope.ts'
import type { Delivery } from '../../../shared/messaging/broker.ts'

/** These events in one envelope, as payment gets them from its inbox; its answers go nowhere. */
export const deliveryOf = (
  events: readonly [Event, ...Event[]],
  changes: Partial<Delivery> = {},
): Delivery => ({
  ...encode(shop, events),
  ...{ queue: 'payment.inbox', key: events[0].type, type: events[0].type, messageId: events[0].id },
  ...{ correlationId: undefined, headers: {}, earlierDeliveries: 0, ack: () => {}, requeue: () => {} },
  ...changes,
})
