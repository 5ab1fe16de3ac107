import { expect } from 'chai'
import fc from 'fast-check'
import type { OrderStatus } from '../../../../services/contract/fields.ts'
import { Sku } from '../../../../services/contract/ids.ts'
import {
  awaitable,
  cursorText,
  type ListParameters,
  listSorts,
} from '../../../../services/private-calls/order-list.ts'
import { listedBy, pageOf, parametersOf, queryOf } from '../../../../services/tracking/api/list.ts'
import {
  newestFirst,
  smallestFirst,
  type TrackedOrder,
  withEntries,
} from '../../../../services/tracking/domain.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import { mongoReadModels } from '../../../../services/tracking/store/mongo-read-model.ts'
import type { ReadModel, ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { needsMongo, testDatabase } from '../../../storage/adapters.ts'
import { fact, freshOrder } from '../entries.ts'

const now = Date.UTC(2030, 0, 1)

type Wanted = {
  readonly placedAt: number
  readonly total: number | undefined
  readonly status: OrderStatus
  readonly customerId: string
  readonly skus: readonly string[]
  readonly reasons: readonly string[]
  readonly awaits: readonly string[]
}

const orderOf = ({ placedAt, total, ...fields }: Wanted): TrackedOrder => {
  const orderId = freshOrder()
  const entries = [fact(orderId, 'order.placed', ['order', 2])]
  const order = withEntries(undefined, orderId, entries) as TrackedOrder
  const sortedBy = total === undefined ? {} : { total, smallest: smallestFirst(total, orderId) }
  return { ...order, ...fields, ...sortedBy, newest: newestFirst(placedAt, orderId) }
}

const few = (...words: string[]) => fc.constantFrom(...words)
const several = (...words: string[]) => fc.subarray(words)
const total = fc.integer({ min: 0, max: 5 })
const placedAt = fc.integer({ min: now - 5, max: now })
const status = fc.constantFrom<OrderStatus>('placed', 'confirmed', 'rejected', 'cancelled')
const waits = awaitable.slice(0, 2)

const anyOrder: fc.Arbitrary<Wanted> = fc.record({
  ...{ placedAt, status, total: fc.option(total, { nil: undefined }), customerId: few('ada', 'bob') },
  ...{ skus: several('A', 'B', 'C'), reasons: several('x', 'y'), awaits: fc.subarray([...waits]) },
})

const everyCriterion = fc.record({
  ...{ status, customer: few('ada', 'bob'), sku: few('A', 'B', 'D'), reason: few('x', 'z') },
  ...{ awaiting: few(...waits), minTotal: total, maxTotal: total, placedFrom: placedAt },
  ...{
    placedUntil: placedAt,
    olderThan: fc.integer({ min: 1, max: 4 }),
    sort: fc.constantFrom(...listSorts),
  },
})

// A few at once: nothing is found for most of what has many.
const criteria = everyCriterion.chain(all =>
  fc
    .subarray(Object.keys(all), { maxLength: 3 })
    .map(names => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))),
) as fc.Arbitrary<ListParameters>

const timeOf = ({ newest }: TrackedOrder): number => 9_999_999_999_999 - Number(newest.slice(0, 13))

/** What a search means, said without any index. */
const isFound = (order: TrackedOrder, by: ListParameters): boolean => {
  const { minTotal = 0, maxTotal = Number.POSITIVE_INFINITY, placedFrom = 0, placedUntil = now + 1 } = by
  const isByTotal = by.sort?.endsWith('total') || by.minTotal !== undefined || by.maxTotal !== undefined
  return [
    by.status === undefined || order.status === by.status,
    by.customer === undefined || order.customerId === by.customer,
    by.sku === undefined || order.skus?.includes(by.sku),
    by.reason === undefined || order.reasons?.includes(by.reason),
    by.awaiting === undefined || order.awaits.includes(by.awaiting),
    !isByTotal || (order.total !== undefined && order.total >= minTotal && order.total <= maxTotal),
    timeOf(order) >= placedFrom && timeOf(order) < placedUntil,
    by.olderThan === undefined || timeOf(order) <= now - by.olderThan,
  ].every(Boolean)
}

const isInOrder = (orders: readonly TrackedOrder[], sort: ListParameters['sort'] = 'newest'): boolean => {
  const keyOf = sort.endsWith('total') ? ({ total = -1 }: TrackedOrder) => total : timeOf
  const sign = sort === 'newest' || sort === 'highest-total' ? -1 : 1
  return orders.every((one, i) => i === 0 || sign * (keyOf(one) - keyOf(orders[i - 1] as TrackedOrder)) >= 0)
}

/** Reads all pages, and does something between them. */
const readPages = async (
  model: ReadModel<TrackedOrder>,
  by: ListParameters,
  between = async (): Promise<void> => {},
) => {
  const found: TrackedOrder[] = []
  for (let given = by; ; ) {
    const query = queryOf(given, now)
    const { orders, next } = pageOf(await model.list(query), query, by.sort)
    found.push(...orders)
    if (next === null) return found
    const again = parametersOf(new URLSearchParams({ cursor: next, ...(by.sort && { sort: by.sort }) }))
    if ('errors' in again) throw new Error(JSON.stringify(again.errors))
    given = { ...by, ...again.value }
    await between()
  }
}
const idsOf = (orders: readonly TrackedOrder[]) => orders.map(({ orderId }) => orderId)

type Adapter = { name: string; runs: number; prepare(): void; models(): ReadModels<TrackedOrder> }
const adapters: Adapter[] = [
  { name: 'memory', runs: 200, prepare: () => {}, models: () => memoryReadModels() },
  { name: 'mongodb', runs: 40, prepare: needsMongo, models: () => mongoReadModels(testDatabase(), listedBy) },
]

for (const { name, runs, prepare, models } of adapters)
  describe(`a search for orders, ${name}`, () => {
    prepare()
    const modelOf = async (orders: readonly TrackedOrder[]) => {
      const all = models()
      const modelName = `s${systemRandom.id()}`
      await all.prepare(modelName)
      const model = all.model(modelName)
      await model.save(orders)
      return model
    }

    it('finds exactly what all criteria hold for, in the order that is asked for, however large a page is', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(anyOrder, { maxLength: 25 }),
          fc.array(criteria, { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 1, max: 9 }),
          async (wanted, searches, limit) => {
            const orders = wanted.map(orderOf)
            const model = await modelOf(orders)
            for (const by of searches) {
              const found = await readPages(model, { ...by, limit })
              expect(idsOf(found)).to.have.members(idsOf(orders.filter(order => isFound(order, by))))
              expect(isInOrder(found, by.sort)).to.equal(true)
            }
          },
        ),
        { numRuns: runs },
      ))

    for (const sort of listSorts)
      it(`shows each order once that was there all the time, while others come and change: ${sort}`, async () => {
        const order = (n: number): TrackedOrder =>
          orderOf({
            ...{ placedAt: now - (n % 5), total: n % 4, status: 'placed', customerId: 'ada' },
            ...{ skus: ['A'], reasons: [], awaits: [] },
          })
        const there = Array.from({ length: 23 }, (_, n) => order(n))
        const model = await modelOf(there)
        let changed = 0
        const found = await readPages(model, { sort, sku: Sku.parse('A'), limit: 3 }, async () => {
          const [stored] = await model.load([there[changed]?.orderId ?? ''])
          await model.save([
            order(changed),
            order(changed + 1),
            { ...(stored as TrackedOrder), status: 'confirmed' },
          ])
          changed += 1
        })
        expect(changed).to.be.above(5)
        expect(new Set(idsOf(found)).size, 'none twice').to.equal(found.length)
        expect(idsOf(found)).to.include.members(idsOf(there))
      })

    it('lists by total none whose total is not known, and by time all', async () => {
      const about = { status: 'placed', customerId: 'ada', skus: [], reasons: [], awaits: [] } as const
      const orders = [undefined, 5, 0].map(sum => orderOf({ ...about, placedAt: now, total: sum }))
      const model = await modelOf(orders)
      const [, five, zero] = idsOf(orders)
      expect(idsOf(await readPages(model, { sort: 'highest-total' }))).to.deep.equal([five, zero])
      expect(idsOf(await readPages(model, { sort: 'lowest-total' }))).to.deep.equal([zero, five])
      expect(idsOf(await readPages(model, {}))).to.have.members(idsOf(orders))
    })
  })

describe('the cursor of a list', () => {
  it('is the one of before for the newest first, and names any other order', () => {
    const at = newestFirst(1, freshOrder())
    const textOf = (text: string) => Buffer.from(text, 'base64url').toString()
    expect(textOf(cursorText({ sort: 'newest', at }))).to.equal(at)
    expect(textOf(cursorText({ sort: 'oldest', at }))).to.equal(`oldest=${at}`)
  })
})
