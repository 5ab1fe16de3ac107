import type { EventType } from '../../services/contract/shop.ts'
import { inventoryService } from '../../services/inventory/reactions.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { shippingService } from '../../services/shipping/reactions.ts'
import { noCalls, type Service } from '../../shared/saga/define/service.ts'
import { placedOrder } from './placed.ts'

/**
 * What each service does when it hears the events of a row one after the other; `no` answers its calls with a
 * refusal.
 */
export type Row = readonly [heard: readonly (EventType | `${EventType} no`)[], did: readonly string[]]
export const tables: readonly { service: Service<never>; rows: readonly Row[] }[] = [
  {
    service: inventoryService(noCalls) as unknown as Service<never>,
    rows: [
      [['order.placed'], ['inventory.reserved']],
      [['order.placed no'], ['inventory.rejected']],
      [
        ['order.placed', 'order.placed'],
        ['inventory.reserved', 'ignored'],
      ],
      [
        ['order.placed no', 'order.placed'],
        ['inventory.rejected', 'ignored'],
      ],
      [['payment.declined'], ['inventory.released']],
      [['shipment.refused'], ['inventory.released']],
      [['shipment.scheduled'], ['ignored']],
      [
        ['order.placed', 'payment.declined'],
        ['inventory.reserved', 'inventory.released'],
      ],
      [
        ['payment.declined', 'order.placed'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['order.placed', 'shipment.refused'],
        ['inventory.reserved', 'inventory.released'],
      ],
      [
        ['shipment.refused', 'order.placed'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['order.placed', 'shipment.scheduled'],
        ['inventory.reserved', 'inventory.consumed'],
      ],
      [
        ['order.placed no', 'shipment.refused'],
        ['inventory.rejected', 'ignored'],
      ],
      [
        ['order.placed no', 'payment.declined'],
        ['inventory.rejected', 'ignored'],
      ],
      [
        ['payment.declined', 'payment.declined'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['payment.declined', 'shipment.refused'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['shipment.refused', 'payment.declined'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['shipment.refused', 'shipment.refused'],
        ['inventory.released', 'ignored'],
      ],
      [
        ['order.placed', 'payment.declined', 'shipment.refused'],
        ['inventory.reserved', 'inventory.released', 'ignored'],
      ],
      [
        ['order.placed', 'shipment.scheduled', 'shipment.scheduled'],
        ['inventory.reserved', 'inventory.consumed', 'ignored'],
      ],
      [
        ['order.placed', 'shipment.scheduled', 'order.placed'],
        ['inventory.reserved', 'inventory.consumed', 'ignored'],
      ],
    ],
  },
  {
    service: paymentService(noCalls, 100) as unknown as Service<never>,
    rows: [
      [['inventory.reserved'], ['payment.captured']],
      [['inventory.reserved no'], ['payment.declined']],
      [
        ['inventory.reserved', 'inventory.reserved'],
        ['payment.captured', 'ignored'],
      ],
      [['shipment.refused'], ['payment.voided']],
      [
        ['inventory.reserved', 'shipment.refused'],
        ['payment.captured', 'payment.refunded'],
      ],
      [
        ['shipment.refused', 'inventory.reserved'],
        ['payment.voided', 'ignored'],
      ],
      [
        ['inventory.reserved no', 'shipment.refused'],
        ['payment.declined', 'ignored'],
      ],
      [
        ['shipment.refused', 'shipment.refused'],
        ['payment.voided', 'ignored'],
      ],
      [
        ['inventory.reserved', 'shipment.refused', 'shipment.refused'],
        ['payment.captured', 'payment.refunded', 'ignored'],
      ],
      [
        ['inventory.reserved', 'shipment.refused', 'inventory.reserved'],
        ['payment.captured', 'payment.refunded', 'ignored'],
      ],
    ],
  },
  {
    service: shippingService(noCalls, 100) as unknown as Service<never>,
    rows: [
      [['payment.captured'], ['shipment.scheduled']],
      [['payment.captured no'], ['shipment.refused']],
      [
        ['payment.captured', 'payment.captured'],
        ['shipment.scheduled', 'ignored'],
      ],
      [['order.cancel-requested'], ['shipment.refused']],
      [
        ['order.cancel-requested', 'order.cancel-requested'],
        ['shipment.refused', 'ignored'],
      ],
      [
        ['payment.captured', 'order.cancel-requested'],
        ['shipment.scheduled', 'ignored'],
      ],
      [
        ['order.cancel-requested', 'payment.captured'],
        ['shipment.refused', 'ignored'],
      ],
      [
        ['payment.captured no', 'order.cancel-requested'],
        ['shipment.refused', 'ignored'],
      ],
      [['inventory.rejected'], ['shipment.closed']],
      [['payment.declined'], ['shipment.closed']],
      [
        ['inventory.rejected', 'inventory.rejected'],
        ['shipment.closed', 'ignored'],
      ],
      [
        ['payment.declined', 'payment.declined'],
        ['shipment.closed', 'ignored'],
      ],
      [
        ['inventory.rejected', 'order.cancel-requested'],
        ['shipment.closed', 'ignored'],
      ],
      [
        ['order.cancel-requested', 'inventory.rejected'],
        ['shipment.refused', 'ignored'],
      ],
      [
        ['payment.declined', 'order.cancel-requested'],
        ['shipment.closed', 'ignored'],
      ],
      [
        ['order.cancel-requested', 'payment.declined'],
        ['shipment.refused', 'ignored'],
      ],
    ],
  },
  {
    service: placedOrder as unknown as Service<never>,
    rows: [
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
    ],
  },
]

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
