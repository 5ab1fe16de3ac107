import { on, type Reaction } from '../../../shared/saga/define/reaction.ts'
import { noCalls, type Service } from '../../../shared/saga/define/service.ts'
import * as say from '../contract.ts'
import { deadlineOf, evolve, expireTrip, noteClosed, noteDone, type Trip } from './domain.ts'

const done = { decide: noteDone, emits: { 'trip.booked': 'end' }, within: '5s' } as const
const closed = { decide: noteClosed, emits: { 'trip.cancelled': 'end' }, within: '5s' } as const

export const reactions: readonly Reaction<Trip, say.EventType>[] = [
  on(say.FlightBooked, done),
  on(say.FlightRefused, closed),
  on(say.FlightCancelled, closed),
  on(say.HotelBooked, done),
  on(say.HotelRefused, closed),
  on(say.HotelCancelled, closed),
  on(say.CarBooked, done),
  on(say.CarRefused, closed),
  on(say.CarCancelled, closed),
  on(say.PaymentCaptured, done),
  on(say.PaymentDeclined, closed),
  on(say.PaymentRefunded, closed),
]

/** The trip service: it begins a trip and, from what the others say, knows how it ended. */
export const tripService: Service<Trip> = {
  saga: say.booking,
  name: 'trip',
  initial: { status: 'none' },
  evolve,
  reactions,
  says: { 'trip.requested': 'forward', 'trip.expired': 'refusal' },
  perform: noCalls,
  due: deadlineOf,
  overdue: expireTrip,
}
