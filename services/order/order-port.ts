import { z } from 'zod'
import { enteredText } from '../../shared/contract/text.ts'
import { EnteredAddress, linesOf, type OrderStatus, PaymentToken, StockLine } from '../contract/fields.ts'
import type { OrderId } from '../contract/ids.ts'
import type { Cents } from '../contract/money.ts'

/** What a customer asks for. Prices are not theirs to say, so there is no field for them. */
export const OrderRequest = z.strictObject({
  customerId: enteredText(100),
  lines: linesOf(StockLine),
  payment: z.strictObject({ token: PaymentToken }),
  shipTo: EnteredAddress,
})
export type OrderRequest = z.output<typeof OrderRequest>

/** An order as the order service knows it; `awaiting` has the event types that it still waits for. */
export type OrderView = {
  readonly orderId: OrderId
  readonly caller: string
  readonly status: OrderStatus
  readonly total: Cents
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: Cents }[]
  readonly reason?: string
  readonly trackingNumber?: string
  readonly cancelRequested: boolean
  readonly awaiting: readonly string[]
  /** When its address and payment token were erased (RFC 3339). */
  readonly erasedAt?: string
}

/** What became of an attempt to place an order. */
export type PlaceOrderResult =
  | { readonly kind: 'placed'; readonly orderId: OrderId; readonly total: Cents }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'unknown-sku'; readonly index: number; readonly sku: string }

/** What the API asks of the order service. Every call may fail with `store-unavailable` or `draining`. */
export type OrderPort = {
  /**
   * Resolves with `placed` only once the order is durable; the same caller, key and request get the same
   * order. Its events go on in the trace of `traceparent`, or begin one.
   */
  place(
    caller: string,
    request: OrderRequest,
    idempotencyKey?: string,
    traceparent?: string,
  ): Promise<PlaceOrderResult>
  /** `asked` means on record, not decided; asking again is the same. */
  cancel(orderId: OrderId): Promise<'asked' | 'terminal' | 'unknown'>
  find(orderId: OrderId): Promise<OrderView | undefined>
  catalogue(): readonly { readonly sku: string; readonly unitPrice: Cents }[]
}
