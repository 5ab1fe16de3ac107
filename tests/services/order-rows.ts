import type { EventType } from '../../services/contract/shop.ts'
import type { Row } from './row.ts'

function permutations(types: readonly EventType[]): EventType[][] {
  if (types.length <= 1) return [[...types]]
  return types.flatMap(first =>
    permutations(types.filter(type => type !== first)).map(rest => [first, ...rest]),
  )
}

function cancelled(heard: EventType[]): Row {
  return [heard, ['order.noted', 'order.noted', 'order.noted + order.cancelled']]
}

/**
 * A refused shipment that a declined payment overtakes, or the other way round: rejected, as soon as both
 * halves of that are in.
 */
function declinedAnyway(heard: EventType[]): Row {
  const last = Math.max(heard.indexOf('payment.declined'), heard.indexOf('inventory.released'))
  return [
    heard,
    heard.map((_, i) => (i < last ? 'order.noted' : i === last ? 'order.noted + order.rejected' : 'ignored')),
  ]
}

/** What the order service does once an order is placed. */
export const orderRows: readonly Row[] = [
  [['shipment.scheduled'], ['order.confirmed']],
  [
    ['shipment.scheduled', 'inventory.consumed'],
    ['order.confirmed', 'order.noted'],
  ],
  [
    ['inventory.consumed', 'shipment.scheduled'],
    ['order.noted', 'order.confirmed'],
  ],
  [
    ['shipment.scheduled', 'shipment.scheduled'],
    ['order.confirmed', 'ignored'],
  ],
  [
    ['inventory.consumed', 'inventory.consumed'],
    ['order.noted', 'ignored'],
  ],
  [['inventory.rejected'], ['order.rejected']],
  [
    ['inventory.rejected', 'inventory.rejected'],
    ['order.rejected', 'ignored'],
  ],
  [
    ['inventory.rejected', 'shipment.refused'],
    ['order.rejected', 'ignored'],
  ],
  [
    ['shipment.refused', 'inventory.rejected'],
    ['order.noted', 'order.rejected'],
  ],
  [
    ['payment.declined', 'inventory.released'],
    ['order.noted', 'order.noted + order.rejected'],
  ],
  [
    ['inventory.released', 'payment.declined'],
    ['order.noted', 'order.noted + order.rejected'],
  ],
  [
    ['payment.refunded', 'inventory.released'],
    ['order.noted', 'order.noted'],
  ],
  ...permutations(['shipment.refused', 'inventory.released', 'payment.refunded']).map(cancelled),
  ...permutations(['shipment.refused', 'inventory.released', 'payment.voided']).map(cancelled),
  ...permutations(['payment.declined', 'inventory.released', 'shipment.refused']).map(declinedAnyway),
]
