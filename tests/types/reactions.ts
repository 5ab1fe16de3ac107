// Checked by the compiler alone: each line below a `@ts-expect-error` must not compile.

import { OrderPlaced } from '../../services/contract/order.ts'
import { ShipmentRefused } from '../../services/contract/shipping.ts'
import type { EventType } from '../../services/contract/shop.ts'
import { concludeHold, reserveStock } from '../../services/inventory/domain.ts'
import { concludeRefund, type Payment, undoPayment } from '../../services/payment/domain.ts'
import { on, type Reaction } from '../../shared/saga/define/reaction.ts'

export const rows = [
  on(OrderPlaced, {
    decide: reserveStock,
    conclude: concludeHold,
    // @ts-expect-error inventory.rejected is missing
    emits: { 'inventory.reserved': 'forward' },
    within: '5s',
  }),
  on(OrderPlaced, {
    decide: reserveStock,
    conclude: concludeHold,
    emits: {
      'inventory.reserved': 'forward',
      'inventory.rejected': 'refusal',
      // @ts-expect-error payment.captured is nothing that it can decide
      'payment.captured': 'forward',
    },
    within: '5s',
  }),
]

const undo = { decide: undoPayment, conclude: concludeRefund, within: '5s' } as const

export const undos: readonly Reaction<Payment, EventType>[] = [
  on(ShipmentRefused, {
    ...undo,
    emits: { 'payment.refunded': 'undoes payment.captured', 'payment.voided': 'undoes payment.captured' },
  }),
  on(ShipmentRefused, {
    ...undo,
    // @ts-expect-error payment.caught is no event of the shop
    emits: { 'payment.refunded': 'undoes payment.caught', 'payment.voided': 'undoes payment.captured' },
  }),
]
