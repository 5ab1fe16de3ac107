import { expect } from 'chai'
import { refusals } from '../../../shared/messaging/amqp/refusals.ts'
import { message } from '../messages.ts'

describe('the channel on which messages are refused', () => {
  const placed = message('m1', { key: 'order.placed' })
  const confirmed = message('m2', { key: 'order.confirmed' })

  it('is replaced after two seconds, and each further one after twice the time, two minutes at most', () => {
    const { isTime } = refusals()
    for (const ms of [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000])
      expect([isTime(ms - 1), isTime(ms)], `${ms}`).to.deep.equal([false, true])
  })

  it('is replaced soon again only when everything that was refused is taken', () => {
    const { refused, taken, isTime } = refusals()
    for (const one of [placed, confirmed]) refused(one)
    isTime(2_000)
    taken(placed)
    taken(placed)
    expect(isTime(2_000)).to.equal(false)
    taken(confirmed)
    expect(isTime(2_000)).to.equal(true)
  })

  it('is not replaced sooner because of what was never refused', () => {
    const { taken, isTime } = refusals()
    isTime(2_000)
    taken(placed)
    expect(isTime(2_000)).to.equal(false)
  })
})
