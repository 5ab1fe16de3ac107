import { z } from 'zod'
import { text } from '../../shared/contract/text.ts'
import { type JsonServiceOptions, jsonService } from '../../shared/runtime/http/json-client.ts'
import type { Address } from '../contract/fields.ts'
import type { CarrierAnswer as Answer } from './domain.ts'

/** One shipment to schedule. `key` is the idempotency key, and `shipTo` is sensitive. */
export type ShipmentRequest = { key: string; orderId: string; shipTo: Address }

export const CarrierAnswer: z.ZodType<Answer> = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('scheduled'), trackingNumber: text(100) }),
  z.object({ outcome: z.literal('refused'), reason: text(100) }),
])
export type CarrierAnswer = Answer

/**
 * The carrier as this service sees it. The first answer to a key is final: asking again with the same key
 * schedules nothing more and gets the same answer. Everything else is an error: `provider-unavailable` leaves
 * the outcome unknown, `provider-protocol` means that the two sides disagree about the contract.
 */
export type Carrier = { schedule(call: ShipmentRequest): Promise<CarrierAnswer> }

/**
 * The carrier behind the HTTP API at `url`. A call fails with `provider-unavailable` when it has no answer
 * `timeoutMs` after its request went out; `close`, for the end of a drain, fails the open ones with
 * `draining`.
 */
export const httpCarrier = (options: Omit<JsonServiceOptions, 'who'>): Carrier & { close(): void } => {
  const carrier = jsonService({ ...options, who: 'the carrier' })
  return {
    schedule: ({ key, orderId, shipTo }) =>
      carrier.post('shipments', { key, orderId, shipTo }, CarrierAnswer),
    close: carrier.close,
  }
}
