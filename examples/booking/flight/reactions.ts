import { on, type Reaction } from '../../../shared/saga/define/reaction.ts'
import * as say from '../contract.ts'
import { type Part, type Provider, partService } from '../part.ts'
import { bookFlight, cancelFlight, concludeBooking, concludeCancel } from './domain.ts'

const emits = { 'flight.cancelled': 'undoes flight.booked' } as const
const undo = { decide: cancelFlight, conclude: concludeCancel, emits, within: '5s' } as const

export const reactions: readonly Reaction<Part, say.EventType>[] = [
  on(say.TripRequested, {
    decide: bookFlight,
    conclude: concludeBooking,
    emits: { 'flight.booked': 'forward', 'flight.refused': 'refusal' },
    within: '5s',
  }),
  on(say.HotelRefused, undo),
  on(say.CarRefused, undo),
  on(say.PaymentDeclined, undo),
  on(say.TripExpired, undo),
]

/** The flight service: at most one seat per trip. */
export const flightService = (provider: Provider) =>
  partService('flight', reactions, 'flight.booked', provider)
