import { on, type Reaction } from '../../../shared/saga/define/reaction.ts'
import * as say from '../contract.ts'
import { type Part, type Provider, partService } from '../part.ts'
import { cancelCar, concludeCancel, concludeRental, rentCar } from './domain.ts'

const emits = { 'car.cancelled': 'undoes car.booked' } as const
const undo = { decide: cancelCar, conclude: concludeCancel, emits, within: '5s' } as const

export const reactions: readonly Reaction<Part, say.EventType>[] = [
  on(say.TripRequested, {
    decide: rentCar,
    conclude: concludeRental,
    emits: { 'car.booked': 'forward', 'car.refused': 'refusal' },
    within: '5s',
  }),
  on(say.FlightRefused, undo),
  on(say.HotelRefused, undo),
  on(say.PaymentDeclined, undo),
  on(say.TripExpired, undo),
]

/** The car service: at most one car per trip. */
export const carService = (provider: Provider) => partService('car', reactions, 'car.booked', provider)
