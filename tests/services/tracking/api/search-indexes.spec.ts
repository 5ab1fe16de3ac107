import { deserialize, serialize } from 'bson'
import { expect } from 'chai'
import { spanOf } from '../../../../local/mongodb/bson/document.ts'
import { parseFilter } from '../../../../local/mongodb/query/filter.ts'
import { choosePlan, type Plan, visitPlan } from '../../../../local/mongodb/query/plan.ts'
import {
  buildIndex,
  bytesOf,
  type Collection,
  insert,
  makeCollection,
  unshared,
} from '../../../../local/mongodb/storage/collection.ts'
import { listedBy, parametersOf, queryOf } from '../../../../services/tracking/api/list.ts'
import { newestFirst, smallestFirst } from '../../../../services/tracking/domain.ts'
import type { ListQuery, TextRange } from '../../../../services/tracking/store/read-model.ts'

const start = Date.UTC(2030, 0, 1)
const count = 100_000

const idOf = (n: number): string => `ord_${String(n).padStart(26, '0')}`

/** The fields of the nth order that it is listed by: one of 2,000 customers, one or two of 40 SKUs. */
const orderOf = (n: number) => ({
  _id: idOf(n),
  newest: newestFirst(start + 1_000 * n, idOf(n)),
  smallest: smallestFirst((n * 7_919) % 1_000_000, idOf(n)),
  status: n > count - 100 ? 'placed' : n % 20 === 0 ? 'rejected' : 'confirmed',
  customerId: `customer-${n % 2_000}`,
  caller: n % 2 === 0 ? 'shop' : 'other-shop',
  awaits: n > count - 100 ? ['payment', 'payment.captured'] : [],
  skus: n % 3 === 0 ? [`SKU-${n % 40}`, `SKU-${(n + 1) % 40}`] : [`SKU-${n % 40}`],
  reasons: n % 20 === 0 ? ['out-of-stock'] : [],
})

const fill = (): Collection => {
  const collection = makeCollection('tracking.orders', 0, unshared())
  for (const fields of listedBy) {
    const key = Object.fromEntries(fields.map(field => [field, 1]))
    buildIndex(collection, Buffer.from(serialize({ key, name: fields.join('_') })))()
  }
  for (let n = 0; n < count; n += 1) insert(collection, spanOf(Buffer.from(serialize(orderOf(n)))))
  return collection
}

describe('the indexes of the list of orders, over 100,000 orders in the embedded server', function () {
  this.timeout(60_000)
  let collection: Collection
  before(() => {
    collection = fill()
  })

  const planFor = ({ equal, within = {}, sort, limit }: ListQuery): Plan => {
    const by = sort?.by ?? ''
    const all: Record<string, TextRange> = { [by]: {}, ...within }
    const ranges = Object.entries(all).map(([field, { after = '', before }]) => [
      field,
      { $gt: after, ...(before !== undefined && { $lt: before }) },
    ])
    const filter = parseFilter(spanOf(Buffer.from(serialize({ ...equal, ...Object.fromEntries(ranges) }))))
    const asked = { filter, sort: { field: by, descending: sort?.descending === true }, limit }
    return choosePlan(collection.indexes, { ...asked, size: collection.ids.byKey.size })
  }

  /** How many documents are looked at until a page is full. */
  const examined = (text: string) => {
    const parsed = parametersOf(new URLSearchParams(text))
    if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors))
    const query = queryOf(parsed.value, start + 1_000 * count)
    const plan = planFor(query)
    let looked = 0
    visitPlan(plan, () => {
      looked += 1
      return !(plan.sorted && plan.exact && looked === query.limit)
    })
    return { looked, index: plan.index.name, sorted: plan.sorted }
  }

  const page = 51
  const pages: [query: string, index: string][] = [
    ['', 'newest'],
    ['sort=oldest', 'newest'],
    ['sort=highest-total', 'smallest'],
    ['status=confirmed', 'status_newest'],
    ['status=confirmed&sort=lowest-total', 'status_smallest'],
    ['caller=shop&sort=highest-total', 'caller_smallest'],
    ['caller=shop&sort=oldest', 'caller_newest'],
    ['sku=SKU-7', 'skus_newest'],
    ['sku=SKU-7&sort=highest-total', 'skus_smallest'],
    ['reason=out-of-stock&sort=oldest', 'reasons_newest'],
    ['sku=SKU-7&minTotal=400000&maxTotal=600000&sort=lowest-total', 'skus_smallest'],
    ['status=rejected&placedFrom=2030-01-01T12:00:00Z&placedUntil=2030-01-01T18:00:00Z', 'status_newest'],
    ['minTotal=999000&sort=highest-total', 'smallest'],
  ]
  for (const [query, index] of pages)
    it(`look at no more than the page, in its order: ${query || 'nothing asked for'}`, () => {
      expect(examined(query)).to.deep.equal({ looked: page, index, sorted: true })
    })

  const narrowed: [query: string, index: string, most: number][] = [
    ['customer=customer-4', 'customerId_newest', 50],
    ['customer=customer-4&status=confirmed', 'customerId_newest', 50],
    ['customer=customer-4&sort=highest-total', 'customerId_newest', 50],
    ['awaiting=payment&sort=lowest-total', 'awaits_newest', 100],
    ['awaiting=payment&caller=shop', 'awaits_newest', 100],
    ['minTotal=999900', 'smallest', 20],
    ['reason=out-of-stock&sku=SKU-0&sort=highest-total', 'skus_smallest', 4_000],
  ]
  for (const [query, index, most] of narrowed)
    it(`follow the criterion that leaves the fewest: ${query}`, () => {
      const { looked, index: followed } = examined(query)
      expect(followed).to.equal(index)
      expect(looked).to.be.within(1, most)
    })

  it('would leave everything to be looked at, without them', () => {
    const [ids] = collection.indexes
    const filter = parseFilter(spanOf(Buffer.from(serialize({ status: 'placed' }))))
    const plan = choosePlan([ids], { filter, sort: undefined, limit: page, size: count })
    const found: unknown[] = []
    let looked = 0
    visitPlan(plan, stored => {
      looked += 1
      const { _id, status } = deserialize(bytesOf(stored))
      if (status === 'placed') found.push(_id)
      return found.length < page
    })
    expect(looked).to.be.above(count / 2)
  })
})
