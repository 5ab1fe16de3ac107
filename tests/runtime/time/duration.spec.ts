import { expect } from 'chai'
import { msOf, parseDuration } from '../../../shared/runtime/time/duration.ts'

describe('a duration', () => {
  for (const [text, ms] of [
    ['250ms', 250],
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ] as const)
    it(`of ${text} is ${ms} ms`, () => {
      expect([parseDuration(text), msOf(text)]).to.deep.equal([ms, ms])
    })

  for (const text of ['', '10', 's', '1.5s', '-1s', '10 s', '10S', '10sec', '1234567890s', '1m30s'])
    it(`is not what "${text}" says`, () => {
      expect(parseDuration(text)).to.equal(undefined)
    })
})
