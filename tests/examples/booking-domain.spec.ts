import { expect } from 'chai'
import {
  booking,
  type EventType,
  TripBooked,
  TripExpired,
  TripNoted,
} from '../../examples/booking/contract.ts'
import { expireTrip, requestTrip, type Trip } from '../../examples/booking/trip/domain.ts'
import { tripService } from '../../examples/booking/trip/reactions.ts'
import type { Fact } from '../../shared/contract/event.ts'
import { fold, reactionTo, type Service } from '../../shared/saga/define/service.ts'
import { bookingServices } from './booking-in-memory.ts'

/**
 * What a service says, fact by fact, when it hears these events; `granted` is what everybody outside answers.
 */
const saysWhen = <S>(
  service: Service<S>,
  heard: readonly Heard[],
  granted = true,
  initial = service.initial,
) => {
  let state = initial
  return heard.map(type => {
    const reaction = reactionTo(service, type)
    const decision = reaction?.decide(state, { type, data: wishes })
    if (decision?.kind === 'ignore') return 'ignored'
    const facts: readonly Fact[] =
      decision?.kind === 'call'
        ? (reaction?.conclude?.(state, decision.call, { granted }).facts ?? [])
        : (decision?.facts ?? [])
    state = fold(service, state, facts)
    return (
      facts
        .filter(({ note }) => !note)
        .map(({ type: said }) => said)
        .join(' + ') || 'noted'
    )
  })
}
type Heard = EventType
const wishes = { flight: 'f', hotel: 'h', car: 'c', payment: 'p' }
const serviceOf = (name: string): Service => {
  const service = bookingServices.find(one => one.name === name)
  if (!service) throw new Error(name)
  return service
}

const verbs = {
  flight: ['flight.booked', 'flight.refused', 'flight.cancelled'],
  hotel: ['hotel.booked', 'hotel.refused', 'hotel.cancelled'],
  car: ['car.booked', 'car.refused', 'car.cancelled'],
  payment: ['payment.captured', 'payment.declined', 'payment.refunded'],
} as const

for (const [name, [done, refused, undone]] of Object.entries(verbs))
  describe(`the ${name} of a trip`, () => {
    const failed = name === 'car' ? 'hotel.refused' : 'car.refused'

    it('is done when the trip is requested, and undone when another part is refused', () => {
      expect(saysWhen(serviceOf(name), ['trip.requested', failed])).to.deep.equal([done, undone])
    })

    it('is undone once, whatever else fails', () => {
      const heard = ['trip.requested', failed, 'trip.expired'] as const
      expect(saysWhen(serviceOf(name), heard)).to.deep.equal([done, undone, 'ignored'])
    })

    it('is never done when the failure is heard first', () => {
      expect(saysWhen(serviceOf(name), [failed, 'trip.requested'])).to.deep.equal([undone, 'ignored'])
    })

    it('is not undone when it was refused', () => {
      expect(saysWhen(serviceOf(name), ['trip.requested', failed], false)).to.deep.equal([refused, 'ignored'])
    })
  })

describe('a trip', () => {
  const open = fold(
    tripService,
    tripService.initial,
    (requestTrip({ status: 'none' }, wishes, 5) as { facts: readonly Fact[] }).facts,
  )
  const expired = fold(tripService, open, expireTrip().facts)
  const says = (state: Trip, ...heard: Heard[]) => saysWhen(tripService, heard, true, state)
  const allDone = ['flight.booked', 'hotel.booked', 'car.booked', 'payment.captured'] as const
  const allUndone = ['flight.cancelled', 'hotel.cancelled', 'car.cancelled', 'payment.refunded'] as const

  it('is booked once all four parts are done, in whatever order', () => {
    expect(says(open, ...allDone)).to.deep.equal(['noted', 'noted', 'noted', TripBooked.type])
    expect(says(open, ...allDone.toReversed())).to.deep.equal(['noted', 'noted', 'noted', TripBooked.type])
  })

  it('is never booked once it has expired', () => {
    expect(says(expired, ...allDone)).to.deep.equal(['noted', 'noted', 'noted', 'noted'])
  })

  it('is cancelled once each part is refused or undone, whether or not it was done before', () => {
    expect(
      says(open, 'flight.booked', 'car.refused', 'hotel.cancelled', 'flight.cancelled', 'payment.refunded'),
    ).to.deep.equal(['noted', 'noted', 'noted', 'noted', 'trip.cancelled'])
    expect(says(expired, ...allUndone).at(-1)).to.equal('trip.cancelled')
  })

  it('does not take two words of one part for two parts', () => {
    expect(
      says(open, 'flight.refused', 'flight.cancelled', 'car.cancelled', 'hotel.cancelled'),
    ).to.not.include('trip.cancelled')
  })

  it('says nothing after its end', () => {
    expect(says(open, ...allDone, ...allUndone).slice(4)).to.deep.equal(Array(4).fill('ignored'))
  })

  it('expires at its deadline, once, and not when it has failed already', () => {
    expect(tripService.due?.(open)).to.equal(5)
    expect(tripService.overdue?.(open, 5).facts.map(({ type }) => type)).to.deep.equal([TripExpired.type])
    expect(tripService.due?.(expired)).to.equal(undefined)
    const failing = fold(tripService, open, [TripNoted({ said: 'car.refused' })])
    expect(tripService.due?.(failing)).to.equal(undefined)
  })

  it('has an id of its own form', () => {
    expect(booking.subject.Id.safeParse(`trip_${'0'.repeat(26)}`).success).to.equal(true)
    expect(booking.subject.Id.safeParse(`ord_${'0'.repeat(26)}`).success).to.equal(false)
  })
})
