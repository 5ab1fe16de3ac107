import { expect } from 'chai'
import { checkFlow } from '../../choreography/check.ts'
import { asMermaid } from '../../choreography/draw.ts'
import { flowOf } from '../../choreography/flow.ts'
import { booking } from '../../examples/booking/contract.ts'
import { filesBelow, read } from '../docs/page.ts'
import { bookingServices, runInMemory, withoutRow } from './booking-in-memory.ts'

const parts = ['flight', 'hotel', 'car', 'payment']
const failures = ['flight.refused', 'hotel.refused', 'car.refused', 'payment.declined', 'trip.expired']
/** The trip of the example in which each failure comes. */
const tripsWith: Readonly<Record<string, string>> = {
  'flight.refused': 'the flight is full',
  'hotel.refused': 'the hotel is full',
  'car.refused': 'no car is left',
  'payment.declined': 'the card is declined',
  'trip.expired': 'the hotel answers after the deadline',
}
const isOthers = (part: string, failure: string) => !failure.startsWith(part)

describe('the booking, over adapters in memory', () => {
  it('books the trip for which everything is there, and undoes the others as a whole', async () => {
    const { wrong, told } = await runInMemory()
    expect(wrong).to.deep.equal([])
    expect(told).to.include('everything is there: booked')
    for (const title of Object.values(tripsWith)) expect(told).to.include(`${title}: cancelled`)
  })

  it('tells of each trip who said what, and when', async () => {
    const { told } = await runInMemory()
    expect(told).to.match(/no car is left: cancelled\n {4}0\.000 s {2}trip {5}trip\.requested\n/)
    const late = told.split('the hotel answers after the deadline')[1] ?? ''
    expect(late.indexOf('trip.expired')).to.be.below(late.indexOf('hotel.booked'))
    expect(late.indexOf('hotel.booked')).to.be.below(late.indexOf('hotel.cancelled'))
  })

  for (const part of parts)
    for (const failure of failures.filter(one => isOthers(part, one)))
      it(`says what is not undone when ${part} does not undo its part on ${failure}`, async () => {
        const { wrong } = await runInMemory(services => withoutRow(services, part, failure))
        const title = tripsWith[failure]
        expect(wrong).to.include(`${title}: not undone: the ${part}`)
        expect(wrong.some(line => line.startsWith(`${title}: the trip is `))).to.equal(true)
        expect(wrong.every(line => line.startsWith(`${title}: `))).to.equal(true)
      })
})

describe('the flow of the booking', () => {
  const found = (services: typeof bookingServices) =>
    checkFlow(flowOf(booking, services)).map(({ rule, what }) => `${rule}: ${what}`)

  it('holds as it is', () => {
    expect(found(bookingServices)).to.deep.equal([])
  })

  for (const part of parts)
    for (const failure of failures.filter(one => isOthers(part, one)))
      it(`does not hold when ${part} does not undo its part on ${failure}`, () => {
        const effect = part === 'payment' ? 'payment.captured' : `${part}.booked`
        expect(found(withoutRow(bookingServices, part, failure))).to.include(
          `compensation: after ${failure}, nothing of ${part} undoes ${effect}`,
        )
      })

  it('does not hold when the trip does not hear that a part is undone', () => {
    expect(found(withoutRow(bookingServices, 'trip', 'car.cancelled'))).to.include(
      'compensation: nobody who ends the saga hears car.cancelled',
    )
  })

  it('is drawn on its page as it is', () => {
    expect(read('examples/booking/README.md')).to.include(asMermaid(flowOf(booking, bookingServices)))
  })
})

describe('the sources of the booking', () => {
  it('have less than 400 lines altogether', () => {
    const lines = filesBelow('examples/booking', '.ts').map(file => read(file).split('\n').length - 1)
    expect(lines.reduce((sum, count) => sum + count, 0)).to.be.below(400)
  })
})
