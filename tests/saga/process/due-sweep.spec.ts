import { expect } from 'chai'
import { periodically } from '../../../shared/runtime/time/periodic.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import type { SagaDocument } from '../../../shared/saga/document/document.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { dueSweep } from '../../../shared/saga/process/due-sweep.ts'
import { logInto } from '../../support/log.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('the sweep of what is due', () => {
  /** A store that has nothing but due times; what is due is looked at, and then no longer there. */
  const given = (dues = new Map<string, number>(), whileAsked = async (_: Store) => {}) => {
    const clock = manualClock(100_000)
    const asked: number[] = []
    const store = {
      due: async (now: number) => {
        asked.push(clock.now())
        const found = [...dues].filter(([, due]) => due <= now).sort(([, a], [, b]) => a - b)
        await whileAsked(noting)
        return found.map(([orderId, due]) => ({ orderId, due, state: {} }))
      },
      commit: async ({ subject: orderId }: SagaDocument, { due }: { due?: number | null }) => {
        if (due === null) dues.delete(orderId)
        else if (due !== undefined) dues.set(orderId, due)
        return 'committed' as const
      },
    } as unknown as Store
    const sweep = dueSweep(clock)
    const noting: Store = sweep.noting(store)
    const overdue = () => ({ facts: [], nudge: false })
    const context = {
      ...{ clock, log: logInto([]), store: noting },
      // What was looked at stays due.
      service: { name: 'order', fold: () => ({}), initial: {}, overdue, due: () => 100_000 },
      publish: async () => {},
    } as unknown as SagaContext
    sweep.start(context, periodically)
    return { clock, dues, asked, noting }
  }
  const commit = (store: Store, orderId: string, due: number) =>
    store.commit({ subject: orderId } as SagaDocument, { due } as never)
  const since = (asked: readonly number[]) => asked.map(at => at - 100_000)

  it('asks seldom while nothing is due', async () => {
    const { clock, asked } = given()
    await clock.advance(20_000)
    expect(since(asked)).to.deep.equal([0, 5_000, 10_000, 15_000, 20_000])
  })

  it('asks when the next thing is due, also when another instance wrote it', async () => {
    const { clock, asked, dues } = given()
    dues.set('theirs', 107_500)
    await clock.advance(7_499)
    expect(since(asked)).to.deep.equal([0, 5_000])
    await clock.advance(1)
    expect(since(asked)).to.deep.equal([0, 5_000, 7_500])
  })

  it('asks sooner when this instance writes something that is due before it would ask', async () => {
    const { clock, asked, noting } = given()
    await clock.advance(500)
    await commit(noting, 'ours', 102_000)
    await clock.advance(1_499)
    expect(since(asked)).to.deep.equal([0, 500])
    await clock.advance(1)
    expect(since(asked)).to.deep.equal([0, 500, 2_000])
  })

  it('does not miss what this instance writes while it asks', async () => {
    const writing = async (store: Store) => void (await commit(store, 'ours', 101_500))
    const { clock, asked } = given(new Map(), writing)
    await clock.advance(1_499)
    expect(since(asked)).to.deep.equal([0])
    await clock.advance(1)
    expect(since(asked)).to.deep.equal([0, 1_500])
  })

  it('asks each second and not more often while something stays due', async () => {
    const { clock, asked, noting } = given(new Map([['stuck', 100_000]]))
    await clock.advance(500)
    for (let i = 0; i < 10; i++) await commit(noting, `ours-${i}`, 100_600)
    await clock.advance(2_500)
    expect(since(asked)).to.deep.equal([0, 1_000, 2_000, 3_000])
  })
})
