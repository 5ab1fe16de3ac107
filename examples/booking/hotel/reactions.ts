import { on, type Reaction } from '../../../shared/saga/define/reaction.ts'
import * as say from '../contract.ts'
import { type Part, type Provider, partService } from '../part.ts'
import { bookRoom, cancelRoom, concludeBooking, concludeCancel } from './domain.ts'

const emits = { 'hotel.cancelled': 'undoes hotel.booked' } as const
const undo = { decide: cancelRoom, conclude: concludeCancel, emits, within: '5s' } as const

export const reactions: readonly Reaction<Part, say.EventType>[] = [
  on(say.TripRequested, {
    decide: bookRoom,
    conclude: concludeBooking,
    emits: { 'hotel.booked': 'forward', 'hotel.refused': 'refusal' },
    within: '5s',
  }),
  on(say.FlightRefused, undo),
  on(say.CarRefused, undo),
  on(say.PaymentDeclined, undo),
  on(say.TripExpired, undo),
]

/** The hotel service: at most one room per trip. */
export const hotelService = (provider: Provider) => partService('hotel', reactions, 'hotel.booked', provider)
