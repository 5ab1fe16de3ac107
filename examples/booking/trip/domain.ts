import type { Fact } from '../../../shared/contract/event.ts'
import { accept, ignore } from '../../../shared/saga/define/decision.ts'
import * as say from '../contract.ts'

/** A trip, and what the services of its parts said. It waits for them until its deadline (ms since the epoch). */
export type Trip =
  | { readonly status: 'none' | 'booked' | 'cancelled' }
  | { readonly status: 'open' | 'expired'; readonly deadline: number; readonly said: readonly string[] }

const done = ['flight.booked', 'hotel.booked', 'car.booked', 'payment.captured']
const closed = /^(flight|hotel|car|payment)\.(refused|cancelled|declined|refunded)$/

export const requestTrip = (trip: Trip, wishes: say.Wishes, deadline: number) =>
  trip.status === 'none'
    ? accept(say.TripDated({ deadline }), say.TripRequested(wishes))
    : ignore(`the trip is ${trip.status}`)

/** Booked once each part is done, unless the trip has expired before: the first decision wins. */
export const noteDone = (trip: Trip, { type }: Fact) => {
  if (!('said' in trip)) return ignore(`the trip is ${trip.status}`)
  const noted = say.TripNoted({ said: type })
  const isWhole = done.every(one => [...trip.said, type].includes(one))
  return isWhole && trip.status === 'open' ? accept(noted, say.TripBooked({})) : accept(noted)
}

/** Cancelled once each part is closed by who does it, in whatever order that is heard. */
export const noteClosed = (trip: Trip, { type }: Fact) => {
  if (!('said' in trip)) return ignore(`the trip is ${trip.status}`)
  const noted = say.TripNoted({ said: type })
  const parts = new Set([...trip.said, type].map(one => closed.exec(one)?.[1]).filter(Boolean))
  return parts.size === done.length ? accept(noted, say.TripCancelled({})) : accept(noted)
}

/** When an open trip gives up waiting (ms since the epoch); after a refusal it waits without a limit. */
export const deadlineOf = (trip: Trip) =>
  trip.status === 'open' && !trip.said.some(one => closed.test(one)) ? trip.deadline : undefined

export const expireTrip = () => ({ facts: [say.TripExpired({})], nudge: false })

/** The trip after a fact of its own. */
export const evolve = (trip: Trip, { type, data }: Fact): Trip => {
  if (type === 'trip.dated') return { status: 'open', said: [], ...(data as { deadline: number }) }
  if (type === 'trip.booked') return { status: 'booked' }
  if (type === 'trip.cancelled') return { status: 'cancelled' }
  if (!('said' in trip)) return trip
  if (type === 'trip.expired') return { ...trip, status: 'expired' }
  return type === 'trip.noted' ? { ...trip, said: [...trip.said, (data as { said: string }).said] } : trip
}
