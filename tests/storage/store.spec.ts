import { expect } from 'chai'
import fc from 'fast-check'
import type { OrderId } from '../../services/contract/ids.ts'
import { applyChange, type Change, type SagaDocument } from '../../shared/saga/document/document.ts'
import type { Store } from '../../shared/saga/document/store.ts'
import { newOrder } from '../support/events.ts'
import { storeAdapters } from './adapters.ts'
import { anyChange, facts, id, orderNumber, type State, unknownOrder } from './documents.ts'

const loaded = async (store: Store<State>, orderId: OrderId): Promise<SagaDocument<State>> => {
  const document = await store.load(orderId)
  if (!document) throw new Error(`${orderId} is not stored`)
  return document
}

const tally = (outcomes: readonly string[]) => ({
  committed: outcomes.filter(outcome => outcome === 'committed').length,
  conflict: outcomes.filter(outcome => outcome === 'conflict').length,
})

for (const { name, prepare, fresh } of storeAdapters)
  describe(`the ${name} store`, function () {
    this.timeout(20_000)
    prepare()
    let store: Store<State>
    before(async () => {
      store = await fresh()
    })

    it('replaces all events in an erasure, and keeps everything else', async () => {
      const blank = unknownOrder()
      const inbox = { [id(blank.subject, 99)]: { outcome: 'applied' as const } }
      await store.commit(blank, { state: { status: 'placed', count: 1 }, events: facts(blank, 3), inbox })
      const before = await loaded(store, blank.subject)
      const events = before.events.map(event => ({ ...event, data: { total: 'erased' } }))
      const erasure = { events, at: 5_000 }
      expect(await store.commit(before, { erasure })).to.equal('committed')
      const after = await loaded(store, blank.subject)
      expect(after).to.deep.equal({ ...before, events, erasedAt: 5_000, version: before.version + 1 })
      expect(after).to.deep.equal(applyChange(before, { erasure }))
      expect(await store.commit(before, { erasure }), 'on top of an old version').to.equal('conflict')
    })

    it('knows nothing of an order until it is inserted, and then holds what applyChange says', async () => {
      const blank = unknownOrder()
      expect(await store.load(blank.subject)).to.equal(undefined)
      const change: Change<State> = {
        state: { status: 'placed', count: 1 },
        events: facts(blank, 2),
        inbox: { [id(blank.subject, 99)]: { outcome: 'applied' } },
        token: 3,
        intent: {
          source: { id: id(blank.subject, 99), type: 'order.placed' },
          call: { a: [1] },
          record: 'once',
        },
        unsent: [id(blank.subject, 1)],
        due: 1_700_000_000_000,
      }
      expect(await store.commit(blank, change)).to.equal('committed')
      expect(await store.load(blank.subject)).to.deep.equal(applyChange(blank, change))
    })

    it('refuses a second insert of the same order and changes nothing', async () => {
      const blank = unknownOrder()
      await store.commit(blank, { state: { status: 'first', count: 1 } })
      expect(await store.commit(blank, { state: { status: 'second', count: 2 } })).to.equal('conflict')
      expect((await loaded(store, blank.subject)).state.status).to.equal('first')
    })

    it('refuses a write on a version that is not the stored one and changes nothing', async () => {
      const blank = unknownOrder()
      await store.commit(blank, { token: 1 })
      const first = await loaded(store, blank.subject)
      await store.commit(first, { token: 2 })
      const change = { token: 7, events: facts(first, 1), unsent: [id(first.subject, 1)], due: 1 }
      expect(await store.commit(first, change)).to.equal('conflict')
      expect(await store.commit({ ...first, version: 9 }, change)).to.equal('conflict')
      expect(await loaded(store, blank.subject)).to.deep.equal({ ...first, version: 2, token: 2 })
    })

    it('refuses a write on a document that is not there and does not create it', async () => {
      const gone = { ...unknownOrder(), version: 3 }
      expect(await store.commit(gone, { state: { status: 'x', count: 0 }, events: facts(gone, 1) })).to.equal(
        'conflict',
      )
      expect(await store.load(gone.subject)).to.equal(undefined)
    })

    it('lets exactly one of many concurrent writes on the same version through', async () => {
      const blank = unknownOrder()
      const inserts = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.commit(blank, { state: { status: 'new', count: n } })),
      )
      expect(tally(inserts)).to.deep.equal({ committed: 1, conflict: 19 })
      const document = await loaded(store, blank.subject)
      expect(document.state.count).to.equal(inserts.indexOf('committed'))
      const updates = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.commit(document, { state: { status: 'next', count: n } })),
      )
      expect(tally(updates)).to.deep.equal({ committed: 1, conflict: 19 })
      const next = await loaded(store, blank.subject)
      expect(next).to.deep.include({
        version: 2,
        state: { status: 'next', count: updates.indexOf('committed') },
      })
    })

    it('tells each of many concurrent writes its own outcome', async () => {
      const blanks = Array.from({ length: 600 }, () => unknownOrder())
      await Promise.all(blanks.map(blank => store.commit(blank, { token: 1 })))
      const documents = await Promise.all(blanks.map(({ subject: orderId }) => loaded(store, orderId)))
      const stale = documents.map((document, n) => (n % 7 === 0 ? { ...document, version: 5 } : document))
      const again = blanks.map((blank, n) => (n % 5 === 0 ? blank : unknownOrder()))
      const [updates, inserts] = await Promise.all([
        Promise.all(stale.map(document => store.commit(document, { token: 2 }))),
        Promise.all(again.map(blank => store.commit(blank, { token: 9 }))),
      ])
      expect(updates).to.deep.equal(stale.map((_, n) => (n % 7 === 0 ? 'conflict' : 'committed')))
      expect(inserts).to.deep.equal(again.map((_, n) => (n % 5 === 0 ? 'conflict' : 'committed')))
      const now = await Promise.all(blanks.map(({ subject: orderId }) => loaded(store, orderId)))
      expect(now.map(({ token }) => token)).to.deep.equal(stale.map((_, n) => (n % 7 === 0 ? 1 : 2)))
    })

    it('takes cleared ids out of unsent without a new version, and keeps what is pushed meanwhile', async () => {
      const blank = unknownOrder()
      const [one, two, three] = [1, 2, 3].map(n => id(blank.subject, n)) as [never, never, never]
      await store.commit(blank, { unsent: [one, two] })
      const document = await loaded(store, blank.subject)
      await Promise.all([
        store.commit(document, { unsent: [three] }),
        store.clearUnsent(blank.subject, [one]),
        store.clearUnsent(blank.subject, [two]),
      ])
      expect(await loaded(store, blank.subject)).to.deep.include({ version: 2, unsent: [three] })
      await store.clearUnsent(blank.subject, [three, one])
      expect(await loaded(store, blank.subject)).to.deep.include({ version: 2, unsent: [] })
      await store.clearUnsent(newOrder(), [one])
    })

    it('does not bring a cleared id back with a write on a document that was read before', async () => {
      const blank = unknownOrder()
      await store.commit(blank, { unsent: [id(blank.subject, 1)] })
      const before = await loaded(store, blank.subject)
      await store.clearUnsent(blank.subject, [id(blank.subject, 1)])
      expect(await store.commit(before, { unsent: [id(blank.subject, 2)] })).to.equal('committed')
      expect((await loaded(store, blank.subject)).unsent).to.deep.equal([id(blank.subject, 2)])
    })

    it('lists what is unsent in pages, in order of id, without what was cleared', async () => {
      const here = await fresh()
      const orders = [5, 1, 4, 2, 3].map(orderNumber)
      await Promise.all(
        orders.map(orderId =>
          here.commit(unknownOrder(orderId), { unsent: [id(orderId, 1), id(orderId, 2)] }),
        ),
      )
      await here.commit(unknownOrder(orderNumber(6)), { token: 1 })
      await here.clearUnsent(orderNumber(3), [id(orderNumber(3), 1), id(orderNumber(3), 2)])
      await here.clearUnsent(orderNumber(2), [id(orderNumber(2), 2)])
      const first = await here.unsent({ limit: 2 })
      expect(first.map(({ subject: orderId }) => orderId)).to.deep.equal([1, 2].map(orderNumber))
      expect(first[1]?.unsent).to.deep.equal([id(orderNumber(2), 1)])
      const second = await here.unsent({ after: orderNumber(2), limit: 2 })
      expect(second.map(({ subject: orderId }) => orderId)).to.deep.equal([4, 5].map(orderNumber))
      expect(await here.unsent({ after: orderNumber(5), limit: 2 })).to.deep.equal([])
    })

    it('lists what is due, the longest overdue first, until its due time is removed', async () => {
      const here = await fresh()
      const dues = [30, 10, 20, 40, undefined]
      await Promise.all(
        dues.map((due, n) => here.commit(unknownOrder(orderNumber(n)), due === undefined ? {} : { due })),
      )
      const numbers = async (now: number, limit: number) => (await here.due(now, limit)).map(({ due }) => due)
      expect(await numbers(9, 10)).to.deep.equal([])
      expect(await numbers(30, 10)).to.deep.equal([10, 20, 30])
      expect(await numbers(30, 2)).to.deep.equal([10, 20])
      await here.commit(await loaded(here, orderNumber(1)), { due: null })
      await here.commit(await loaded(here, orderNumber(2)), { due: 50 })
      expect(await numbers(50, 10)).to.deep.equal([30, 40, 50])
    })

    it('lists what is stuck, the longest first, until it is stuck no more', async () => {
      const here = await fresh()
      const since = [30, 10, 20, undefined]
      await Promise.all(
        since.map((stuckSince, n) =>
          here.commit(unknownOrder(orderNumber(n)), stuckSince === undefined ? {} : { stuckSince }),
        ),
      )
      const listed = async (limit: number) => (await here.stuck(limit)).map(({ stuckSince }) => stuckSince)
      expect(await listed(10)).to.deep.equal([10, 20, 30])
      expect(await listed(2)).to.deep.equal([10, 20])
      await here.commit(await loaded(here, orderNumber(1)), { stuckSince: null })
      await here.commit(await loaded(here, orderNumber(3)), { stuckSince: 40 })
      expect(await listed(10)).to.deep.equal([20, 30, 40])
    })

    it('counts what is due in a range, both ends included, up to a limit', async () => {
      const here = await fresh()
      const dues = [30, 10, 20, 40, 20, undefined]
      await Promise.all(
        dues.map((due, n) => here.commit(unknownOrder(orderNumber(n)), due === undefined ? {} : { due })),
      )
      const count = (from: number, to: number, limit = 10) => here.countDue({ from, to, limit })
      expect(await count(10, 40)).to.equal(5)
      expect(await count(20, 30)).to.equal(3)
      expect(await count(21, 29)).to.equal(0)
      expect(await count(41, 100)).to.equal(0)
      expect(await count(10, 40, 2)).to.equal(2)
      await here.commit(await loaded(here, orderNumber(2)), { due: null })
      await here.commit(await loaded(here, orderNumber(4)), { due: 50 })
      expect(await count(20, 30)).to.equal(1)
      expect(await count(45, 50)).to.equal(1)
    })

    it('gives out documents that share nothing with what is stored', async () => {
      const blank = unknownOrder()
      const state = { status: 'given', count: 1, tags: ['a'] }
      await store.commit(blank, { state })
      state.tags.push('b')
      const read = await loaded(store, blank.subject)
      expect(read.state.tags).to.deep.equal(['a'])
      try {
        read.state.tags?.push('c')
      } catch {
        // Frozen is as good as copied.
      }
      expect((await loaded(store, blank.subject)).state.tags).to.deep.equal(['a'])
    })

    it('holds what the fold of any changes holds', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyChange, { minLength: 1, maxLength: 8 }), async shapes => {
          let document = unknownOrder()
          for (const shape of shapes) {
            const change = shape(document)
            expect(await store.commit(document, change)).to.equal('committed')
            document = withoutUndefined(applyChange(document, change))
            expect(await store.load(document.subject)).to.deep.equal(document)
          }
        }),
        { numRuns: 30 },
      )
    })
  })

const withoutUndefined = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
