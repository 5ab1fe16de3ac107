import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry } from '../../../services/tracking/entry.ts'
import { type Gap, type TimelineStep, timelineOf } from '../../../services/tracking/timeline.ts'
import { anyStory, arriving, cancelledStory, fact, failure, freshOrder } from './entries.ts'

const isTold = (step: TimelineStep | Gap): step is TimelineStep => !('gap' in step)
const idsOf = (steps: readonly (TimelineStep | Gap)[]) => steps.map(({ id }) => id)

/** Pairs of which the first has to stand after the second. */
const orderings = (
  story: readonly Entry[],
  told: readonly TimelineStep[],
): [later: string, earlier: string][] => [
  ...told.flatMap(({ id, cause }): [string, string][] => (cause === undefined ? [] : [[id, cause]])),
  ...story.flatMap(({ id, service }, i) =>
    story
      .slice(0, i)
      .filter(earlier => earlier.service === service)
      .map((earlier): [string, string] => [id, earlier.id]),
  ),
]

describe('a timeline', () => {
  it('is the same whatever the order in which its entries arrive', () => {
    fc.assert(
      fc.property(
        anyStory.chain(story => fc.tuple(fc.constant(story), arriving(story))),
        ([story, shuffled]) => {
          const distinct = [...new Map(shuffled.map(entry => [entry.id, entry])).values()]
          expect(timelineOf(distinct)).to.deep.equal(timelineOf(story))
        },
      ),
    )
  })

  it('[I30] shows nothing before what it follows from, nor before what its service said earlier, however clocks differ', () => {
    fc.assert(
      fc.property(anyStory, story => {
        const steps = timelineOf(story)
        const placeOf = new Map(idsOf(steps).map((id, i) => [id, i]))
        const told = steps.filter(isTold)
        expect(told.map(({ id }) => id)).to.have.members(story.map(({ id }) => id))
        for (const [later, earlier] of orderings(story, told))
          expect(placeOf.get(later), `${later} after ${earlier}`).to.be.above(placeOf.get(earlier) ?? -1)
      }),
    )
  })

  it('[I30] names what is missing once, before the first that follows from it', () => {
    const orderId = freshOrder()
    const lost = fact(orderId, 'order.placed', ['order', 2])
    const first = fact(orderId, 'inventory.reserved', ['inventory', 1], { seconds: 1, cause: lost })
    const second = failure(lost, 'inventory', 1, 2)
    expect(timelineOf([second, first]).map(step => ('gap' in step ? 'gap' : step.type))).to.deep.equal([
      ...['gap', 'inventory.reserved', 'inventory.attempt-failed'],
    ])
    expect(timelineOf([second, first])[0]).to.deep.equal({ gap: true, id: lost.id })
  })

  it('goes by time where nothing else tells, and by attempt at the same time', () => {
    const placed = fact(freshOrder(), 'order.placed', ['order', 2])
    const attempts = [3, 1, 2].map(n => failure(placed, 'inventory', n, n === 3 ? 9 : 5))
    expect(timelineOf([...attempts, placed]).map(step => 'data' in step && step.data.attempt)).to.deep.equal([
      ...[undefined, 1, 2, 3],
    ])
  })

  it('says how long after its cause and after the start each step came', () => {
    const steps = timelineOf(cancelledStory(freshOrder())).filter(isTold)
    expect(steps.map(({ afterMs }) => afterMs)).to.deep.equal([
      ...[undefined, 1_000, 1_000, 2_000, 1_000, 1_000, 2_000, 1_000],
    ])
    expect(steps.map(({ sinceStartMs }) => sinceStartMs / 1_000)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('ends also when entries name each other as their cause', () => {
    const orderId = freshOrder()
    const one: Entry = { ...fact(orderId, 'order.placed', ['order', 1]), cause: `${orderId}:payment:1` }
    const other = fact(orderId, 'payment.captured', ['payment', 1], { seconds: 1, cause: one })
    expect(idsOf(timelineOf([other, one]))).to.deep.equal([one.id, other.id])
  })
})
