import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json, text } from 'node:stream/consumers'
import type { OrderBody } from '../../../harness/api-client.ts'
import type { LedgerEntry } from '../../../local/providers/ledger.ts'
import { orderIdOf } from '../../../services/contract/ids.ts'
import type { OrderAnswer } from '../../../services/order/api/openapi/answers.ts'
import type { StockTotals } from '../../../services/private-calls/stock.ts'
import { listenAt } from '../../../shared/runtime/http/listen.ts'
import { base32 } from '../../../shared/runtime/random.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'

type Kept = OrderAnswer & { body: OrderBody; looks: number }

/** A shop that keeps all its promises, unless a test meddles with what it keeps. */
export type StandInShop = {
  url: string
  orders: Map<string, Kept>
  clock: Clock
  ledger: LedgerEntry[]
  stock: Map<string, StockTotals>
  /** Called when an order has ended and its books are written. */
  onEnd: (order: Kept) => void
  close(): Promise<void>
}

const unitPrice = 250
/** Some of what pages show, little of one SKU, and enough of the others. */
const sizes = [...Array.from({ length: 5 }, () => 9), 10, ...Array.from({ length: 9 }, () => 5_000)]

/**
 * Starts the order API, both ledgers and the stock on one port. An order ends when it is looked at for the
 * second time.
 */
export const openStandInShop = async (clock: Clock): Promise<StandInShop> => {
  const shop: Omit<StandInShop, 'url' | 'close'> = {
    orders: new Map(),
    clock,
    ledger: [],
    stock: new Map(sizes.map((units, n) => [`SKU-${n + 5}`, booksOf(`SKU-${n + 5}`, units)])),
    onEnd: () => {},
  }
  const server = createServer((request, response) => void answer(shop, request, response))
  const { port } = await listenAt(server, { port: 0, host: '127.0.0.1', variable: 'none' })
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return Object.assign(shop, { url: `http://127.0.0.1:${port}`, close })
}

const booksOf = (sku: string, initial: number): StockTotals => ({
  ...{ sku, initial, restocked: 0, onHand: initial, held: 0, shipped: 0 },
})

type Shop = Omit<StandInShop, 'url' | 'close'>

const answer = async (shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method, url = '/' } = request
  const [, room, id = '', verb] = url.split('/')
  const say = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body))
  if (room === 'payments') return void response.end(ledgerText(shop.ledger, ['charge', 'refund', 'void']))
  if (room === 'parcels') return void response.end(ledgerText(shop.ledger, ['shipment']))
  if (room === 'catalogue')
    return void say(
      200,
      [...shop.stock.keys()].map(sku => ({ sku, unitPrice })),
    )
  if (room === 'stock') return void say(200, shop.stock.get(id))
  if (method === 'POST' && !verb) {
    const body = (await json(request)) as OrderBody
    return void say(202, place(shop, String(request.headers['idempotency-key']), body))
  }
  await text(request)
  const order = shop.orders.get(id)
  if (!order) return void say(404, {})
  if (verb === 'timeline') return void say(200, untold(id))
  if (verb === 'cancel') return void say(cancel(order) ? 202 : 409, {})
  return void say(200, look(shop, order))
}

/** As of an order that the journal has nothing of. */
const untold = (orderId: string) => ({
  ...{ orderId, status: null, settled: false, awaiting: [], steps: [], asOf: null, lagSeconds: 0 },
})

const ledgerText = (ledger: readonly LedgerEntry[], kinds: readonly LedgerEntry['kind'][]): string =>
  ledger
    .filter(({ kind }) => kinds.includes(kind))
    .map(entry => `${JSON.stringify(entry)}\n`)
    .join('')

const place = (shop: Shop, key: string, body: OrderBody) => {
  const orderId = orderIdOf(base32(createHash('sha256').update(key).digest()))
  const lines = body.lines.map(line => ({ ...line, unitPrice }))
  const total = lines.reduce((sum, { quantity }) => sum + quantity * unitPrice, 0)
  const fresh: Kept = {
    ...{ orderId, status: 'placed', total, lines, body, looks: 0 },
    ...{ cancelRequested: false, awaiting: ['shipment.scheduled'], caller: 'shop' },
  }
  if (!shop.orders.has(orderId)) shop.orders.set(orderId, fresh)
  return { orderId, status: 'placed', total }
}

const cancel = (order: Kept): boolean => {
  if (order.status === 'placed') order.cancelRequested = true
  return order.status === 'placed'
}

const look = (shop: Shop, order: Kept): Kept => {
  order.looks++
  const waits = order.body.payment.token === 'tok_slow' && !order.cancelRequested
  if (order.status === 'placed' && order.looks > 1 && !waits) end(shop, order)
  return order
}

const end = (shop: Shop, order: Kept): void => {
  order.status = endOf(shop, order)
  order.awaiting = []
  const { orderId, total, status } = order
  const entry = (kind: LedgerEntry['kind'], amount: number) =>
    shop.ledger.push({ key: `${orderId}:${kind}`, orderId, kind, amount, at: shop.clock.now() })
  if (status !== 'rejected') entry('charge', total)
  if (status === 'cancelled') entry('refund', total)
  if (status === 'confirmed') {
    entry('shipment', 0)
    for (const { sku, quantity } of order.lines) move(shop, sku, quantity)
  }
  shop.onEnd(order)
}

const endOf = ({ stock }: Shop, { body, cancelRequested }: Kept): OrderAnswer['status'] => {
  if (body.payment.token === 'tok_decline') return 'rejected'
  if (body.shipTo.postalCode === 'XX0 0XX' || cancelRequested) return 'cancelled'
  const fits = body.lines.every(({ sku, quantity }) => (stock.get(sku)?.onHand ?? 0) >= quantity)
  return fits ? 'confirmed' : 'rejected'
}

const move = ({ stock }: Shop, sku: string, quantity: number): void => {
  const books = stock.get(sku)
  if (!books) return
  books.onHand -= quantity
  books.shipped += quantity
}
