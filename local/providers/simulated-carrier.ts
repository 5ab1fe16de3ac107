import { createHash } from 'node:crypto'
import type { Address } from '../../services/contract/fields.ts'
import type { Carrier, CarrierAnswer } from '../../services/shipping/carrier.ts'
import { base32 } from '../../shared/runtime/random.ts'
import type { Clock } from '../../shared/runtime/time/clock.ts'
import { answerOnce } from './answer-once.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'

export type SimulatedCarrier = Carrier & {
  /** The effects so far, oldest first. */
  entries(): readonly LedgerEntry[]
}

/** A carrier that ships everywhere except to the postal code `XX0 0XX`. */
export const simulatedCarrier = ({
  clock,
  ledger,
}: {
  clock: Clock
  ledger: Ledger<CarrierAnswer>
}): SimulatedCarrier => {
  const once = answerOnce({ clock, ledger })
  return {
    schedule: async ({ key, orderId, shipTo }) => {
      const call = { key, orderId, kind: 'shipment', amount: 0 } as const
      const { answer } = await once.answer(call, async () =>
        isServed(shipTo)
          ? { answer: { outcome: 'scheduled', trackingNumber: trackingNumberOf(key) }, effect: true }
          : { answer: { outcome: 'refused', reason: 'address-not-served' }, effect: false },
      )
      return answer
    },
    entries: once.entries,
  }
}

const isServed = ({ postalCode }: Address) => postalCode.trim().toUpperCase() !== 'XX0 0XX'

/** Derived from the key, so that a parcel has the same number in every run of a test. */
const trackingNumberOf = (key: string) =>
  `CH${base32(createHash('sha256').update(key).digest()).slice(0, 13).toUpperCase()}`
