import { z } from 'zod'
import { defineEvent, defineNote, type EventOf, sensitive } from './event.ts'
import { Sku } from './ids.ts'
import { Cents } from './money.ts'

/** One line of printable text; control characters would forge log lines. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'text without control characters')

const Quantity = z.int().min(1).max(1_000)
export const PaymentToken = sensitive(
  z.string().regex(/^tok_[a-z0-9_]{1,40}$/, 'a payment token: tok_…'),
  'tok_erased',
)
export const Address = sensitive(
  z.strictObject({
    name: text(200),
    line1: text(200),
    city: text(100),
    postalCode: text(20),
    country: text(60),
  }),
  { name: 'erased', line1: 'erased', city: 'erased', postalCode: 'erased', country: 'erased' },
)
export type Address = z.output<typeof Address>

export const OrderLine = z.strictObject({ sku: Sku, quantity: Quantity, unitPrice: Cents })
export const StockLine = z.strictObject({ sku: Sku, quantity: Quantity })
export type StockLine = z.output<typeof StockLine>

/** 1 to 100 lines, one per SKU. */
export const linesOf = <S extends z.ZodType<{ sku: string }>>(line: S) =>
  z
    .array(line)
    .min(1)
    .max(100)
    .refine(lines => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'one line per SKU')

/** Why an order is to be cancelled: its customer asked, or its deadline passed. */
const CancelReason = z.enum(['customer', 'deadline'])

/** A customer's order is on record. Nothing has been promised yet. */
export const OrderPlaced = defineEvent(
  'order.placed',
  2, // v1 carried money as floats and no caller; upcasts.ts lifts it
  z.strictObject({
    caller: text(100),
    customerId: text(100),
    lines: linesOf(OrderLine),
    total: Cents,
    paymentToken: PaymentToken,
    shipTo: Address,
  }),
)
export type OrderPlaced = EventOf<typeof OrderPlaced>

/** Somebody wants the order cancelled. Shipping decides whether it still can be. */
export const CancelRequested = defineEvent(
  'order.cancel-requested',
  1,
  z.strictObject({ reason: CancelReason }),
)
export type CancelRequested = EventOf<typeof CancelRequested>

/** The order ships; from here the saga only goes forward. */
export const OrderConfirmed = defineEvent(
  'order.confirmed',
  1,
  z.strictObject({ trackingNumber: text(100) }),
  {
    terminal: true,
  },
)
export type OrderConfirmed = EventOf<typeof OrderConfirmed>

/** The order could not be served, and nothing of it is kept: no hold, no money. */
export const OrderRejected = defineEvent(
  'order.rejected',
  1,
  z.strictObject({ reason: z.enum(['out-of-stock', 'payment-declined']) }),
  { terminal: true },
)
export type OrderRejected = EventOf<typeof OrderRejected>

/** The order was undone: every compensation was confirmed by the service that did it. */
export const OrderCancelled = defineEvent(
  'order.cancelled',
  1,
  z.strictObject({ reason: z.enum(['cancel-requested', 'shipment-refused']) }),
  { terminal: true },
)
export type OrderCancelled = EventOf<typeof OrderCancelled>

/** What came over HTTP: a digest of the request, and when the order gives up waiting (ms since the epoch). */
export const OrderSubmitted = defineNote(
  'order.submitted',
  1,
  z.strictObject({ fingerprint: z.string().length(64), deadline: z.int().min(0) }),
)

/** A fact of another service that the end of the order depends on. */
export const OrderNoted = defineNote(
  'order.noted',
  1,
  z.strictObject({
    fact: z.enum([
      'payment.declined',
      'payment.refunded',
      'payment.voided',
      'shipment.refused',
      'inventory.released',
      'inventory.consumed',
    ]),
    /** Of a refused shipment: who refused it. */
    refusal: z.enum(['carrier', 'cancelled']).optional(),
  }),
)

/** The order is late, and everything that it told once was told again; `again` is when to look next (ms since the epoch). */
export const OrderNudged = defineNote('order.nudged', 1, z.strictObject({ again: z.int().min(0) }))
