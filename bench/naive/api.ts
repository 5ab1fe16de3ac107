import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import { z } from 'zod'
import type { Publish } from './broker.ts'
import { catalogue } from './catalogue.ts'
import { event, type Line } from './events.ts'
import { readStock } from './stock.ts'
import type { Documents } from './store.ts'

/** What the order service knows of an order. */
export type State = {
  awaiting: string[]
  customerId: string
  lines: (Line & { unitPrice: number })[]
  total: number
  token: string
  shipTo: Record<string, string>
  reason?: string
  trackingNumber?: string
}

const text = z.string().min(1).max(200)
const OrderRequest = z.strictObject({
  customerId: text,
  lines: z.array(z.strictObject({ sku: text, quantity: z.int().min(1).max(1_000) })).min(1),
  payment: z.strictObject({ token: text }),
  shipTo: z.strictObject({ name: text, line1: text, city: text, postalCode: text, country: text }),
})

const prices = new Map(catalogue.map(({ sku, unitPrice }) => [sku, unitPrice]))

const stateOf = ({ customerId, lines, payment, shipTo }: z.output<typeof OrderRequest>): State => {
  const priced = lines.map(line => ({ ...line, unitPrice: prices.get(line.sku) ?? 0 }))
  const total = priced.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  const awaiting = ['shipment.scheduled', 'inventory.rejected', 'payment.declined']
  return { awaiting, customerId, lines: priced, total, token: payment.token, shipTo }
}

/** Puts the order on record, and publishes that it was placed before it is answered. */
const place = async (documents: Documents<State>, publish: Publish, state: State) => {
  const orderId = `ord_${randomUUID()}`
  const { lines, total, token, shipTo } = state
  const bare = lines.map(({ sku, quantity }) => ({ sku, quantity }))
  const placed = event('order.placed', orderId, { lines: bare, total, token, shipTo })
  await documents.insert({ _id: orderId, version: 1, is: 'placed', state, inbox: [], outbox: [placed] })
  await publish(placed)
  return { orderId, status: 'placed', total }
}

/** The routes of the API that a bench and an audit ask. */
export const apiRoutes = (documents: Documents<State>, publish: Publish): Router => {
  const routes = Router()
  routes.post('/orders', async (request, response) => {
    const asked = OrderRequest.safeParse(request.body)
    if (!asked.success) return void response.status(400).json({ title: 'no order' })
    response.status(202).json(await place(documents, publish, stateOf(asked.data)))
  })
  routes.get('/orders', async (request, response) => {
    const status = String(request.query.status ?? 'placed')
    const found = await documents.collection.find({ is: status } as object, { limit: 1 }).toArray()
    response.json({ orders: found.map(({ _id }) => ({ orderId: _id })) })
  })
  routes.get('/orders/:id', async (request, response) => {
    const known = await documents.read(request.params.id)
    if (!known) return void response.status(404).json({ title: 'unknown' })
    const { total, lines, awaiting, reason, trackingNumber } = known.state
    response.json({ orderId: known._id, status: known.is, total, lines, awaiting, reason, trackingNumber })
  })
  routes.get('/catalogue', (_, response) => void response.json(catalogue))
  routes.get('/stock/:sku', async (request, response) => {
    const shelf = await readStock(request.params.sku)
    if (!shelf) return void response.status(404).json({ title: 'unknown' })
    const { _id: sku, initial, onHand, held, shipped } = shelf
    response.json({ sku, initial, restocked: 0, onHand, held, shipped })
  })
  return routes
}
