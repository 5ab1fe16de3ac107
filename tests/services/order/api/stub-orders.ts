import { createHash } from 'node:crypto'
import { type OrderId, orderIdOf } from '../../../../services/contract/ids.ts'
import { totalOf } from '../../../../services/contract/money.ts'
import type {
  OrderPort,
  OrderRequest,
  OrderView,
  PlaceOrderResult,
} from '../../../../services/order/order-port.ts'
import { base32 } from '../../../../shared/runtime/random.ts'
import { deferred } from '../../../support/deferred.ts'

/** A desk in memory that a test can hold up and look into. */
export type StubOrders = OrderPort & {
  /** Every call that changes or reads an order, in order: `place local`, `find ord_…`. */
  readonly calls: string[]
  readonly orders: Map<string, OrderView>
  /** Makes every call wait from now on, until the returned function lets them go on. */
  hold(): () => void
  /** Calls that wait at present. */
  waiting(): number
  /** Makes every further call fail with this error. */
  fail(error: unknown): void
}

const price = totalOf([{ quantity: 1, unitPrice: 250 }])
const skus = ['SKU-0', 'SKU-1', 'SKU-2']

/** An empty desk that sells SKU-0 to SKU-2 for 2.50 each. */
export const stubOrders = (): StubOrders => {
  const calls: string[] = []
  const orders = new Map<string, OrderView>()
  const fingerprints = new Map<string, string>()
  let gate = Promise.resolve()
  let waiting = 0
  let failure: { error: unknown } | undefined

  const entered = async (call: string) => {
    const nth = calls.push(call)
    waiting++
    await gate
    waiting--
    if (failure) throw failure.error
    return nth
  }
  const record = (caller: string, { lines }: OrderRequest, id: OrderId): PlaceOrderResult => {
    const priced = lines.map(line => ({ ...line, unitPrice: price }))
    const total = totalOf(priced)
    orders.set(id, {
      orderId: id,
      caller,
      status: 'placed',
      total,
      lines: priced,
      cancelRequested: false,
      awaiting: ['inventory.reserved'],
    })
    return { kind: 'placed', orderId: id, total }
  }
  const place = async (caller: string, request: OrderRequest, key?: string): Promise<PlaceOrderResult> => {
    const nth = await entered(`place ${caller}`)
    const index = request.lines.findIndex(({ sku }) => !skus.includes(sku))
    if (index >= 0) return { kind: 'unknown-sku', index, sku: request.lines[index]?.sku ?? '' }
    const id = idFrom(`${caller} ${key ?? nth}`)
    const fingerprint = JSON.stringify(request)
    const known = fingerprints.get(id)
    if (known !== undefined && known !== fingerprint) return { kind: 'key-reused' }
    fingerprints.set(id, fingerprint)
    return record(caller, request, id)
  }
  const cancel = async (id: OrderId) => {
    await entered(`cancel ${id}`)
    const order = orders.get(id)
    if (!order) return 'unknown'
    if (order.status !== 'placed') return 'terminal'
    orders.set(id, { ...order, cancelRequested: true })
    return 'asked'
  }
  const find = async (id: OrderId) => {
    await entered(`find ${id}`)
    return orders.get(id)
  }
  return {
    calls,
    orders,
    place,
    cancel,
    find,
    catalogue: () => skus.map(sku => ({ sku, unitPrice: price })),
    hold: () => {
      const { promise, resolve } = deferred<void>()
      gate = promise
      return resolve
    },
    waiting: () => waiting,
    fail: error => {
      failure = { error }
    },
  }
}

const idFrom = (words: string): OrderId => orderIdOf(base32(createHash('sha256').update(words).digest()))
