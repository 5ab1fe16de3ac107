import { z } from 'zod'
import { sensitive } from '../../shared/contract/event.ts'
import { enteredText, text } from '../../shared/contract/text.ts'
import { Sku } from './ids.ts'
import { Cents } from './money.ts'

const Quantity = z.int().min(1).max(1_000)

/** What stands for the customer's means of payment at the provider. */
export const PaymentToken = sensitive(
  z.string().regex(/^tok_[a-z0-9_]{1,40}$/, 'a payment token: tok_…'),
  'tok_erased',
)

// What may come in is narrower than what may be on record: old events are read for ever.
const addressOf = (part: typeof text) =>
  sensitive(
    z.strictObject({
      name: part(200),
      line1: part(200),
      city: part(100),
      postalCode: part(20),
      country: part(60),
    }),
    { name: 'erased', line1: 'erased', city: 'erased', postalCode: 'erased', country: 'erased' },
  )

/** Where the parcel goes. */
export const Address = addressOf(text)
export type Address = z.output<typeof Address>

/** Where the parcel goes, as somebody enters it. */
export const EnteredAddress = addressOf(enteredText)

/** What is bought, at which price for each (cents). */
export const OrderLine = z.strictObject({ sku: Sku, quantity: Quantity, unitPrice: Cents })

/** What is to be held, sent or given back; no price. */
export const StockLine = z.strictObject({ sku: Sku, quantity: Quantity })
export type StockLine = z.output<typeof StockLine>

/** 1 to 100 lines, one per SKU. */
export const linesOf = <S extends z.ZodType<{ sku: string }>>(line: S) =>
  z
    .array(line)
    .min(1)
    .max(100)
    .refine(lines => new Set(lines.map(({ sku }) => sku)).size === lines.length, 'one line per SKU')

/** How an order can stand. The last three are ends. */
export const OrderStatus = z.enum(['placed', 'confirmed', 'rejected', 'cancelled'])
export type OrderStatus = z.output<typeof OrderStatus>
