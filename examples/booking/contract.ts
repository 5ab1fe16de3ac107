import { z } from 'zod'
import { type EventOf, eventsOf } from '../../shared/contract/event.ts'
import { defineSaga } from '../../shared/contract/saga.ts'
import { defineSubject } from '../../shared/contract/subject.ts'
import { text } from '../../shared/contract/text.ts'

const owners = { trip: 'trip', flight: 'flight', hotel: 'hotel', car: 'car', payment: 'payment' } as const
const { defineEvent, defineNote } = eventsOf(owners)
const nothing = z.strictObject({})

/** Somebody wants to travel: with which flight, room, car and means of payment. */
const wishes = z.strictObject({ flight: text(50), hotel: text(50), car: text(50), payment: text(50) })
export type Wishes = z.output<typeof wishes>
export const TripRequested = defineEvent('trip.requested', 1, wishes)
export type TripRequested = EventOf<typeof TripRequested>
/** Not everything was there in time: nothing is to be kept. */
export const TripExpired = defineEvent('trip.expired', 1, nothing)
export const TripBooked = defineEvent('trip.booked', 1, nothing, { terminal: true })
/** Nothing is kept: each part of the trip was refused, or undone by the service that did it. */
export const TripCancelled = defineEvent('trip.cancelled', 1, nothing, { terminal: true })
/** How long the trip waits (ms since the epoch), and what other services said of it. */
export const TripDated = defineNote('trip.dated', 1, z.strictObject({ deadline: z.int().min(0) }))
export const TripNoted = defineNote('trip.noted', 1, z.strictObject({ said: text(50) }))

/** Each part of a trip is done or refused, and undone when another one is refused. */
export const FlightBooked = defineEvent('flight.booked', 1, nothing)
export const FlightRefused = defineEvent('flight.refused', 1, nothing)
export const FlightCancelled = defineEvent('flight.cancelled', 1, nothing)
export const HotelBooked = defineEvent('hotel.booked', 1, nothing)
export const HotelRefused = defineEvent('hotel.refused', 1, nothing)
export const HotelCancelled = defineEvent('hotel.cancelled', 1, nothing)
export const CarBooked = defineEvent('car.booked', 1, nothing)
export const CarRefused = defineEvent('car.refused', 1, nothing)
export const CarCancelled = defineEvent('car.cancelled', 1, nothing)
export const PaymentCaptured = defineEvent('payment.captured', 1, nothing)
export const PaymentDeclined = defineEvent('payment.declined', 1, nothing)
export const PaymentRefunded = defineEvent('payment.refunded', 1, nothing)

const events = [
  ...[TripRequested, TripExpired, TripBooked, TripCancelled, FlightBooked, FlightRefused, FlightCancelled],
  ...[HotelBooked, HotelRefused, HotelCancelled, CarBooked, CarRefused, CarCancelled],
  ...[PaymentCaptured, PaymentDeclined, PaymentRefunded],
]
export type EventType = (typeof events)[number]['type']

const subject = defineSubject({ noun: 'trip', prefix: 'trip' })
/** A trip is booked as a whole, or nothing of it is kept. */
export const booking = defineSaga({ name: 'booking', subject, events })
