// Checked by the compiler alone: each line below a `@ts-expect-error` must not compile.

import { concludeHold, reserveStock } from '../../services/inventory/domain.ts'
import { OrderPlaced } from '../../shared/contract/order.ts'
import { on } from '../../shared/saga/reaction.ts'

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
