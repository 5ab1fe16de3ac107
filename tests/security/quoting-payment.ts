import type { InventoryReserved } from '../../services/contract/inventory.ts'
import { reactions } from '../../services/payment/reactions.ts'

/** The total of an order at which the rules of payment fail, in words that quote it. */
export const quotedTotal = 7 * 525

type Rule = { decide(state: unknown, event: InventoryReserved): unknown }

// A program that is started with this module has a bug: its words have all that the event has.
for (const reaction of reactions as readonly object[] as Rule[]) {
  const { decide } = reaction
  Object.assign(reaction, {
    decide: (state: unknown, event: InventoryReserved) => {
      const { paymentToken, shipTo, total } = event.data
      if (total === quotedTotal)
        throw new RangeError(
          `no gold of ${paymentToken} for ${shipTo.name} in ${shipTo.city}: ${JSON.stringify(shipTo)}`,
        )
      return decide(state, event)
    },
  })
}
