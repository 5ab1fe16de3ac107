import { expect } from 'chai'
import { cursorText } from '../../../../services/private-calls/order-list.ts'
import { listedBy, pageOf, parametersOf, queryOf } from '../../../../services/tracking/api/list.ts'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import { newestFirst, withEntries } from '../../../../services/tracking/domain.ts'
import type { Entry } from '../../../../services/tracking/entry.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import { mongoReadModels } from '../../../../services/tracking/store/mongo-read-model.ts'
import type { ReadModel, ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { needsMongo, testDatabase } from '../../../storage/adapters.ts'
import { cancelledStory, freshOrder } from '../entries.ts'

const aCursor = cursorText({ sort: 'newest', at: newestFirst(1, freshOrder()) })
const parameters = (query: string) => parametersOf(new URLSearchParams(query))

describe('the parameters of a list', () => {
  it('are all optional, and typed', () => {
    expect(parameters('')).to.deep.equal({ value: {} })
    expect(
      parameters('status=placed&customer=Ada+L.&awaiting=payment.captured&olderThan=2h&limit=7'),
    ).to.deep.equal({
      value: {
        ...{ status: 'placed', customer: 'Ada L.', awaiting: 'payment.captured' },
        ...{ olderThan: 7_200_000, limit: 7 },
      },
    })
    expect(
      parameters(
        'sku=SKU-7&reason=out-of-stock&minTotal=100&maxTotal=100&sort=lowest-total&placedFrom=2030-01-01&placedUntil=2030-01-01T01:00:00.5Z',
      ),
    ).to.deep.equal({
      value: {
        ...{ sku: 'SKU-7', reason: 'out-of-stock', minTotal: 100, maxTotal: 100, sort: 'lowest-total' },
        ...{ placedFrom: Date.UTC(2030, 0, 1), placedUntil: Date.UTC(2030, 0, 1, 1) + 500 },
      },
    })
  })

  const wrong: [query: string, field: string, expected: RegExp][] = [
    ['status=lost', 'status', /placed, confirmed, rejected or cancelled/],
    ['status=placed&status=placed', 'status', /once/],
    ['customer=', 'customer', /1 to 100 characters/],
    ['customer=a%0Ab', 'customer', /1 to 100 characters/],
    [`customer=${'a'.repeat(101)}`, 'customer', /1 to 100 characters/],
    ['awaiting=godot', 'awaiting', /inventory, inventory.consumed/],
    ['olderThan=5', 'olderThan', /30s, 10m, 2h or 1d/],
    ['olderThan=-5m', 'olderThan', /30s/],
    ['limit=0', 'limit', /1 to 200/],
    ['limit=201', 'limit', /1 to 200/],
    ['limit=ten', 'limit', /1 to 200/],
    ['cursor=abc', 'cursor', /next/],
    ['cursor=%24gt', 'cursor', /next/],
    ['cursor=abc&sort=oldest', 'cursor', /next/],
    [`cursor=${aCursor}&sort=oldest`, 'cursor', /with the same sort/],
    [`cursor=${aCursor}&sort=lowest-total`, 'cursor', /with the same sort/],
    ['sku=a%20b', 'sku', /a SKU/],
    ['reason=', 'reason', /out-of-stock/],
    ['minTotal=-1', 'minTotal', /cents/],
    ['minTotal=1.5', 'minTotal', /cents/],
    ['maxTotal=1000000000001', 'maxTotal', /cents up to 1000000000000/],
    ['minTotal=2&maxTotal=1', 'maxTotal', /no less than minTotal/],
    ['placedFrom=yesterday', 'placedFrom', /2030-01-31/],
    ['placedFrom=2030-02-30', 'placedFrom', /2030-01-31/],
    ['placedUntil=2030-01-31T12:00:00', 'placedUntil', /2030-01-31T12:00:00Z/],
    ['placedFrom=2030-01-02&placedUntil=2030-01-02', 'placedUntil', /after placedFrom/],
    ['sort=cheapest', 'sort', /newest, oldest, highest-total, lowest-total/],
    ['page=2', 'page', /one of status, customer/],
    ['__proto__=1', '__proto__', /one of/],
    ['%0A=1', '(unprintable)', /one of/],
  ]
  for (const [query, field, expected] of wrong)
    it(`are refused with the field and what was expected: ${query.slice(0, 40)}`, () => {
      const refused = parameters(query)
      expect(refused).to.have.property('errors').with.lengthOf(1)
      const [error] = 'errors' in refused ? refused.errors : []
      expect(error?.field).to.equal(field)
      expect(error?.expected).to.match(expected)
    })
})

type Adapter = { name: string; prepare(): void; models(): ReadModels<TrackedOrder> }
const adapters: Adapter[] = [
  { name: 'memory', prepare: () => {}, models: () => memoryReadModels() },
  { name: 'mongodb', prepare: needsMongo, models: () => mongoReadModels(testDatabase(), listedBy) },
]

for (const { name, prepare, models } of adapters)
  describe(`a read model, ${name}`, () => {
    prepare()
    let all: ReadModels<TrackedOrder>
    let modelName: string
    let model: ReadModel<TrackedOrder>
    beforeEach(async () => {
      all = models()
      modelName = `m${systemRandom.id()}`
      await all.prepare(modelName)
      await all.prepare(modelName)
      model = all.model(modelName)
    })

    const anOrder = (placedAt: number, change: Partial<TrackedOrder> = {}): TrackedOrder => {
      const orderId = freshOrder()
      const order = withEntries(undefined, orderId, cancelledStory(orderId)) as TrackedOrder
      return { ...order, newest: newestFirst(placedAt, orderId), ...change }
    }
    const idsOf = (orders: readonly (TrackedOrder | undefined)[]) => orders.map(order => order?.orderId)

    it('gives back what was saved, in the order asked for, with its next version', async () => {
      const [one, other] = [anOrder(1), anOrder(2)]
      expect(await model.save([one, other])).to.deep.equal(['saved', 'saved'])
      const loaded = await model.load([other.orderId, freshOrder(), one.orderId])
      expect(loaded).to.deep.equal([{ ...other, version: 1 }, undefined, { ...one, version: 1 }])
    })

    it('writes only on top of the version that was read, each document for itself', async () => {
      const [one, other] = [anOrder(1), anOrder(2)]
      await model.save([one])
      const grown: TrackedOrder = {
        ...one,
        version: 1,
        status: 'placed',
        entries: one.entries.slice(1) as Entry[],
      }
      expect(await model.save([one, other])).to.deep.equal(['conflict', 'saved'])
      expect(await model.save([grown, { ...other, version: 7 }])).to.deep.equal(['saved', 'conflict'])
      expect(await model.load([one.orderId])).to.deep.equal([{ ...grown, version: 2 }])
      expect(await model.save([grown])).to.deep.equal(['conflict'])
    })

    it('lists by any of its fields, also by one of several values, the newest first', async () => {
      const orders = [
        anOrder(1_000, {
          status: 'placed',
          customerId: 'a',
          caller: 'x',
          awaits: ['payment', 'payment.captured'],
        }),
        anOrder(3_000, { status: 'placed', customerId: 'b', caller: 'x', awaits: ['shipping'] }),
        anOrder(2_000, { status: 'confirmed', customerId: 'a', caller: 'y', awaits: [] }),
      ]
      await model.save(orders)
      const [one, three, two] = orders
      const list = async (equal: Record<string, string>) => idsOf(await model.list({ equal, limit: 10 }))
      expect(await list({})).to.deep.equal(idsOf([three, two, one]))
      expect(await list({ status: 'placed' })).to.deep.equal(idsOf([three, one]))
      expect(await list({ customerId: 'a' })).to.deep.equal(idsOf([two, one]))
      expect(await list({ awaits: 'payment.captured' })).to.deep.equal(idsOf([one]))
      expect(await list({ caller: 'x', awaits: 'shipping', status: 'placed' })).to.deep.equal(idsOf([three]))
      expect(await list({ caller: 'z' })).to.deep.equal([])
    })

    it('pages without leaving out or repeating any, also when newer orders come meanwhile', async () => {
      const orders = Array.from({ length: 7 }, (_, n) => anOrder(1_000 * (n % 3)))
      await model.save(orders)
      const seen: string[] = []
      let next: string | null = null
      do {
        const asked: ReturnType<typeof parameters> = parameters(`limit=2${next ? `&cursor=${next}` : ''}`)
        const query = queryOf('value' in asked ? asked.value : {}, 0)
        const page: ReturnType<typeof pageOf> = pageOf(await model.list(query), query)
        seen.push(...page.orders.map(({ orderId }) => orderId))
        next = page.next
        await model.save([anOrder(9_000)])
      } while (next)
      expect(seen).to.have.members(orders.map(({ orderId }) => orderId))
      expect(seen).to.have.lengthOf(7)
    })

    it('lists those that are older than an age', async () => {
      const [old, young] = [anOrder(10_000), anOrder(60_000)]
      await model.save([old, young])
      const query = queryOf({ olderThan: 30_000 }, 65_000)
      expect(idsOf(await model.list(query))).to.deep.equal([old.orderId])
    })

    it('lists none for an age from before there were clocks', async () => {
      const today = Date.UTC(2030, 0, 1)
      await model.save([anOrder(today - 1_000)])
      const asked = parameters('olderThan=30000d')
      const query = queryOf('value' in asked ? asked.value : {}, today)
      expect(idsOf(await model.list(query))).to.deep.equal([])
    })

    it('goes on from a cursor also among those that are older than an age', async () => {
      const orders = [anOrder(10_000), anOrder(20_000), anOrder(60_000)]
      await model.save(orders)
      const [oldest, old] = orders
      const query = queryOf({ olderThan: 30_000, cursor: { sort: 'newest', at: old?.newest ?? '' } }, 65_000)
      expect(idsOf(await model.list(query))).to.deep.equal([oldest?.orderId])
    })

    it('browses all in order of their ids', async () => {
      const orders = Array.from({ length: 5 }, () => anOrder(1))
      await model.save(orders)
      const ids = idsOf(orders).sort()
      const first = await model.page(undefined, 3)
      const rest = await model.page(first.at(-1)?.orderId, 3)
      expect([first.length, rest.length]).to.deep.equal([3, 2])
      expect(idsOf([...first, ...rest])).to.deep.equal(ids)
    })

    it('is gone when it is dropped, and nothing else is', async () => {
      const order = anOrder(1)
      await all.model(`${modelName}x`).save([order])
      await model.save([order])
      await all.drop(modelName)
      await all.drop(modelName)
      expect(await all.model(modelName).load([order.orderId])).to.deep.equal([undefined])
      expect(idsOf(await all.model(`${modelName}x`).load([order.orderId]))).to.deep.equal([order.orderId])
    })

    it('registers small values, guarded or not', async () => {
      const { register } = all
      const key = systemRandom.id()
      expect(await register.read(key)).to.equal(undefined)
      expect(await register.write(key, 0, { a: 1 })).to.equal('written')
      expect(await register.write(key, 0, { a: 2 })).to.equal('conflict')
      expect(await register.read(key)).to.deep.equal({ version: 1, value: { a: 1 } })
      expect(await register.write(key, 1, { a: [3] })).to.equal('written')
      expect(await register.read(key)).to.deep.equal({ version: 2, value: { a: [3] } })
      await register.put(`${key}p`, { offset: 5 })
      await register.put(`${key}p`, { offset: 3 })
      expect(await register.read(`${key}p`)).to.deep.equal({ version: 1, value: { offset: 3 } })
    })
  })
