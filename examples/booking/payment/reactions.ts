import { on, type Reaction } from '../../../shared/saga/define/reaction.ts'
import * as say from '../contract.ts'
import { type Part, type Provider, partService } from '../part.ts'
import { chargeTrip, concludeCharge, concludeRefund, refundTrip } from './domain.ts'

const emits = { 'payment.refunded': 'undoes payment.captured' } as const
const undo = { decide: refundTrip, conclude: concludeRefund, emits, within: '5s' } as const

export const reactions: readonly Reaction<Part, say.EventType>[] = [
  on(say.TripRequested, {
    decide: chargeTrip,
    conclude: concludeCharge,
    emits: { 'payment.captured': 'forward', 'payment.declined': 'refusal' },
    within: '5s',
  }),
  on(say.FlightRefused, undo),
  on(say.HotelRefused, undo),
  on(say.CarRefused, undo),
  on(say.TripExpired, undo),
]

/** The payment service: at most one charge per trip. */
export const paymentService = (provider: Provider) =>
  partService('payment', reactions, 'payment.captured', provider)
