import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { shop } from '../../../../services/contract/shop.ts'
import type { Order } from '../../../../services/order/domain.ts'
import type { Store } from '../../../../shared/saga/document/store.ts'
import { ensureDocumentIndexes, mongoStore } from '../../../../shared/storage/mongo/store.ts'
import { freshCollection, needsMongo } from '../../../storage/adapters.ts'
import { countIn, ordersOn } from '../orders-on.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'

describe('two instances of the public API over one database', () => {
  needsMongo()
  let store: Store<Order>
  let apis: readonly [OpenApi, OpenApi]
  beforeEach(async () => {
    const collection = freshCollection()
    await ensureDocumentIndexes(collection)
    store = mongoStore<Order>(shop, collection)
    apis = [await openApi({ orders: ordersOn(store) }), await openApi({ orders: ordersOn(store) })]
  })
  afterEach(closeApis)

  const place = (n: number, customerId = 'customer-1') =>
    (n % 2 === 0 ? apis[0] : apis[1]).send('POST', '/orders', {
      body: { ...anOrder(), customerId },
      headers: { 'idempotency-key': 'one-wish' },
    })

  it('place one order for concurrent callers with one key, and answer all of them the same', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, (_, n) => place(n)))
    for (const { status, json } of replies) {
      expect(status).to.equal(202)
      expect(json).to.deep.equal(replies[0]?.json)
    }
    expect(await countIn(store)).to.equal(1)
  })

  it('take one of two bodies under one key, and refuse the other one, whichever came first', async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, n) => place(n, n < 4 ? 'customer-1' : 'customer-2')),
    )
    const statuses = replies.map(({ status }) => status)
    const [one, other] = [new Set(statuses.slice(0, 4)), new Set(statuses.slice(4))]
    expect([...one, ...other].sort()).to.deep.equal([202, 422])
    expect(await countIn(store)).to.equal(1)
  })
})
