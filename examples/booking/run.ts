import { documentsStory } from '../../harness/documents-story.ts'
import type { Trial } from '../../local/run-privately.ts'
import { type Clock, sleep } from '../../shared/runtime/time/clock.ts'
import type { SagaContext } from '../../shared/saga/context.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { initiate } from '../../shared/saga/process/initiate.ts'
import { carService } from './car/reactions.ts'
import { booking, type Wishes } from './contract.ts'
import { flightService } from './flight/reactions.ts'
import { hotelService } from './hotel/reactions.ts'
import type { Provider } from './part.ts'
import { paymentService } from './payment/reactions.ts'
import { requestTrip, type Trip } from './trip/domain.ts'
import { tripService } from './trip/reactions.ts'

const [deadlineMs, slowMs, patienceMs] = [3_000, 5_000, 20_000]
const usual = { flight: 'to Lisbon', hotel: 'with a view', car: 'small', payment: 'card' }
/** The trips: how each differs from the usual one, and how it ends. */
const trips: readonly [title: string, differs: Partial<Wishes>, end: 'booked' | 'cancelled'][] = [
  ['everything is there', {}, 'booked'],
  ['the flight is full', { flight: 'refused' }, 'cancelled'],
  ['the hotel is full', { hotel: 'refused' }, 'cancelled'],
  ['no car is left', { car: 'refused' }, 'cancelled'],
  ['the card is declined', { payment: 'refused' }, 'cancelled'],
  ['the hotel answers after the deadline', { hotel: 'slow' }, 'cancelled'],
]

/** All who are asked outside, simulated: `kept` has the keys of what they gave and did not get back. */
export const outside = (clock: Clock) => {
  const kept = new Set<string>()
  const provider: Provider = async (key, request) => {
    const wish = request.kind === 'take' ? request.what : 'refused'
    if (wish === 'slow') await sleep(clock, slowMs)
    if (wish === 'refused') kept.delete(key)
    else kept.add(key)
    return { granted: wish !== 'refused' }
  }
  return { kept, provider }
}

/** The services of a booking, with the systems that they ask. */
export const servicesWith = (provider: Provider): readonly Service[] => [
  tripService,
  flightService(provider),
  hotelService(provider),
  carService(provider),
  paymentService(provider),
]

/** Books all trips at once, prints the story of each, and finds what is not as it should be. */
export const bookTrips =
  (kept: ReadonlySet<string>): Trial =>
  async (saga, say) => {
    const context = saga.contextOf('trip') as SagaContext<Trip>
    const book = async ([title, differs, end]: (typeof trips)[number]) => {
      const trip = booking.subject.idOf(context.random.id())
      const deadline = context.clock.now() + deadlineMs
      await initiate(context, trip, state => requestTrip(state, { ...usual, ...differs }, deadline))
      const statusOf = async () => (await context.store.load(trip))?.state.status ?? 'none'
      await saga.until(async () => ['booked', 'cancelled'].includes(await statusOf()), patienceMs)
      const status = await statusOf()
      say([`\n${title}: ${status}`, ...(await documentsStory(saga, trip))].join('\n'))
      const parts = [...kept].filter(key => key.startsWith(trip)).map(key => key.split(':')[1])
      const wrong = end === 'cancelled' ? parts.map(part => `not undone: the ${part}`) : []
      if (status !== end) wrong.push(`the trip is ${status}`)
      if (end === 'booked' && parts.length < 4) wrong.push(`nothing is there but ${parts.join(', ')}`)
      return wrong.map(what => `${title}: ${what}`)
    }
    return (await Promise.all(trips.map(book))).flat()
  }
