import { expect } from 'chai'
import { beginningOf, type Progress, progressAfter } from '../../../../services/tracking/follow/progress.ts'

const at = Date.UTC(2030, 0, 1)
const place = (offset: number): Progress => ({ offset, messageId: `m-${offset}`, index: 0, newestAt: at })
const message = (offset: number) => ({ offset, messageId: `m-${offset}` })
const said = (forLater: boolean) => ({ told: [], unreadable: [{ code: 'any', unexpected: false }], forLater })
/** A release that knows this version of the only type. */
const knowing = (version: number) => [{ type: 'order.placed', version }]

/**
 * The progress after messages of which each was read by a release that knows this version, and left something
 * out or did not.
 */
const through = (messages: readonly (readonly [knows: number, forLater: boolean])[], from?: Progress) =>
  messages.reduce<Progress | undefined>(
    (progress, [knows, forLater], i) =>
      progressAfter(progress, message((from?.offset ?? 0) + i + 1), said(forLater), knowing(knows)),
    from,
  ) as Progress

describe('the place in the journal', () => {
  it('is that of the last message, and notes nothing while everything can be read', () => {
    expect(through([[2, false]], place(7))).to.deep.equal(place(8))
  })

  it('keeps where the first of what was left out stands, however much follows', () => {
    const progress = through(
      [
        [2, false],
        [2, true],
        [2, true],
        [2, false],
      ],
      place(7),
    )
    expect(progress).to.deep.include({ offset: 11, leftOut: { after: place(8), known: knowing(2) } })
  })

  it('goes back to there once something more is known, and only then', () => {
    const progress = through([[2, true]], place(7))
    expect(beginningOf(progress, knowing(2))).to.equal(progress)
    expect(beginningOf(progress, knowing(1))).to.equal(progress)
    expect(beginningOf(progress, knowing(3))).to.deep.equal(place(7))
    expect(beginningOf(progress, [...knowing(2), { type: 'order.split', version: 1 }])).to.deep.equal(
      place(7),
    )
    expect(beginningOf(undefined, knowing(3))).to.equal(undefined)
    expect(beginningOf(place(3), knowing(3))).to.deep.equal(place(3))
  })

  it('goes back to the start of the journal when that was left out', () => {
    expect(beginningOf(through([[2, true]]), knowing(3))).to.equal(undefined)
  })

  it('goes back also for what a release that knew less passed over after one that knew more', () => {
    const progress = through(
      [
        [3, true],
        [2, true],
      ],
      place(7),
    )
    expect(beginningOf(progress, knowing(3))).to.deep.equal(place(7))
    expect(
      beginningOf(
        through(
          [
            [3, true],
            [3, true],
          ],
          place(7),
        ),
        knowing(3),
      ),
    ).to.include({ offset: 9 })
  })
})
