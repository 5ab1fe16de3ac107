import { inventoryService } from '../../services/inventory/reactions.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { shippingService } from '../../services/shipping/reactions.ts'
import { noCalls, type Service } from '../../shared/saga/define/service.ts'
import { orderRows } from './order-rows.ts'
import { placedOrder } from './placed.ts'
import type { Row } from './row.ts'

/** What each service does on what it hears. */
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
  { service: placedOrder as unknown as Service<never>, rows: orderRows },
]
