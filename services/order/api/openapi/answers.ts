import { z } from 'zod'
import { OrderLine, OrderStatus } from '../../../contract/fields.ts'
import { OrderId, Sku } from '../../../contract/ids.ts'
import { Cents } from '../../../contract/money.ts'

// What the public API answers to whoever places and looks at orders. The API is held to it, and its clients
// read by it.

/** What a placed order is answered with. */
export const Receipt = z.object({ orderId: OrderId, status: z.literal('placed'), total: Cents })
export type Receipt = z.input<typeof Receipt>

/** An order as its caller may see it. */
export const OrderAnswer = z.object({
  orderId: OrderId,
  status: OrderStatus,
  total: Cents.describe('In cents.'),
  lines: z.array(z.object(OrderLine.shape)),
  reason: z.string().optional().describe('Why it was rejected or cancelled.'),
  trackingNumber: z.string().optional().describe('Of a confirmed order.'),
  cancelRequested: z.boolean(),
  awaiting: z.array(z.string()).readonly().describe('The event types that it still waits for.'),
  erasedAt: z.iso.datetime().optional().describe('When its address and payment token were erased.'),
  caller: z.string(),
})
export type OrderAnswer = z.input<typeof OrderAnswer>

/** A cancellation is on record; it is not decided yet. */
export const CancelAsked = z.object({ orderId: OrderId, cancelRequested: z.literal(true) })
export type CancelAsked = z.input<typeof CancelAsked>

/** Address and payment token are gone in every service. */
export const Erased = z.object({ orderId: OrderId, erased: z.literal(true) })
export type Erased = z.input<typeof Erased>

/** The stuck call of a service is ended by a decision. */
export const Resolved = z.object({ orderId: OrderId, service: z.string(), resolved: z.literal(true) })
export type Resolved = z.input<typeof Resolved>

/** What can be bought. */
export const Catalogue = z.array(z.object({ sku: Sku, unitPrice: Cents.describe('In cents.') })).readonly()
export type Catalogue = z.input<typeof Catalogue>
