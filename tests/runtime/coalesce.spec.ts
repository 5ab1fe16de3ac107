import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { coalesced } from '../../shared/runtime/coalesce.ts'

/** A `run` whose executions end when the test says so. */
const gated = () => {
  const begun: { items: readonly number[]; end(): void; fail(error: Error): void }[] = []
  const run = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      begun.push({ items, end: () => resolve(items.map(n => n * 10)), fail: reject })
    })
  const at = (i: number) => {
    const execution = begun[i]
    if (!execution) throw new Error(`execution ${i} has not begun`)
    return execution
  }
  return { run, begun, at }
}

describe('calls that share round trips', () => {
  it('go together when they are made in one turn, also some microtasks apart, and each gets its own answer', async () => {
    const { run, begun, at } = gated()
    const call = coalesced({ limit: 10, inFlight: 1 }, run)
    const first = call(1)
    await Promise.resolve().then(() => {})
    const second = call(2)
    await turn()
    expect(begun.map(({ items }) => items)).to.deep.equal([[1, 2]])
    at(0).end()
    expect(await Promise.all([first, second])).to.deep.equal([10, 20])
  })

  it('wait for the next execution when one is under way, so that they see all that happened before them', async () => {
    const { run, begun, at } = gated()
    const call = coalesced({ limit: 10, inFlight: 1 }, run)
    const first = call(1)
    await turn()
    const later = [call(2), call(3)]
    await turn()
    expect(begun).to.have.length(1)
    at(0).end()
    await first
    await turn()
    expect(at(1).items).to.deep.equal([2, 3])
    at(1).end()
    expect(await Promise.all(later)).to.deep.equal([20, 30])
  })

  it('never exceed the limit of one execution nor the number of executions in flight', async () => {
    const { run, begun, at } = gated()
    const call = coalesced({ limit: 2, inFlight: 2 }, run)
    const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map(call))
    await turn()
    expect(begun.map(({ items }) => items.length)).to.deep.equal([2, 2])
    for (const i of [0, 1, 2, 3]) {
      at(i).end()
      await turn()
      await turn()
      expect(begun).to.have.length(Math.min(4, i + 3))
    }
    expect(await all).to.deep.equal([10, 20, 30, 40, 50, 60, 70])
  })

  it('fail together when their execution fails, and leave later ones alone', async () => {
    const { run, at } = gated()
    const call = coalesced({ limit: 10, inFlight: 1 }, run)
    const lost = Promise.allSettled([call(1), call(2)])
    await turn()
    at(0).fail(new Error('gone'))
    expect((await lost).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    const next = call(3)
    await turn()
    at(1).end()
    expect(await next).to.equal(30)
  })

  it('fail when the execution answers for too few', async () => {
    const call = coalesced({ limit: 10, inFlight: 1 }, async () => [])
    const error = await call(1).catch((thrown: Error) => thrown.message)
    expect(error).to.equal('1 calls got 0 answers')
  })
})
