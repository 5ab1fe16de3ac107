import { OrderId } from '../../../contract/ids.ts'
import { ResolutionRequest } from '../../../private-calls/resolution.ts'
import { OrderRequest } from '../../order-port.ts'
import { CancelAsked, Erased, OrderAnswer, Receipt, Resolved } from './answers.ts'
import { document, type Endpoint } from './endpoint.ts'

/** An order id that no order has. */
export const exampleOrder = 'ord_0123456789abcdefghijklmnop'

/** The path parameter of everything about one order. */
export const anOrderId = {
  ...{ name: 'id', schema: OrderId, description: 'The id of the order.', example: exampleOrder },
} as const

const placeOrder = {
  method: 'POST',
  path: '/orders',
  tag: 'orders',
  summary: 'Place an order',
  description:
    'Answered once the order is durable; whether it can be served is found out afterwards. Prices are those of the catalogue. The same caller, `Idempotency-Key` and body get the same order. Texts are kept in the normal form of Unicode (NFC), in which they are searched too; one of which nothing can be seen is refused.',
  headers: ['Idempotency-Key', 'traceparent'],
  body: {
    schema: OrderRequest,
    example: {
      customerId: 'customer-1',
      lines: [{ sku: 'SKU-0', quantity: 2 }],
      payment: { token: 'tok_approve' },
      shipTo: {
        name: 'Ada Lovelace',
        line1: '12 St James’s Square',
        city: 'London',
        postalCode: 'SW1Y 4JH',
        country: 'GB',
      },
    },
  },
  answers: [
    document(202, {
      description: 'The order is on record and will be confirmed, rejected or cancelled.',
      headers: ['Location'],
      schema: Receipt,
      example: { orderId: exampleOrder, status: 'placed', total: 3_998 },
    }),
  ],
  refuses: ['key-reused', 'sku-not-sold', 'saga-busy', 'store-unavailable'],
} as const satisfies Endpoint

const showOrder = {
  method: 'GET',
  path: '/orders/:id',
  tag: 'orders',
  summary: 'Show an order',
  description: 'As the order service knows it: what was placed is shown at once.',
  parameter: anOrderId,
  answers: [
    document(200, {
      description: 'The order.',
      schema: OrderAnswer,
      example: {
        orderId: exampleOrder,
        status: 'placed',
        total: 3_998,
        lines: [{ sku: 'SKU-0', quantity: 2, unitPrice: 1_999 }],
        cancelRequested: false,
        awaiting: ['shipment.scheduled', 'shipment.refused', 'inventory.rejected', 'payment.declined'],
        caller: 'shop',
      },
    }),
  ],
  refuses: ['order-unknown', 'store-unavailable'],
} as const satisfies Endpoint

const cancelOrder = {
  method: 'POST',
  path: '/orders/:id/cancel',
  tag: 'orders',
  summary: 'Ask for an order to be cancelled',
  description:
    'Asked, not decided: an order whose parcel is scheduled first is confirmed all the same. Asking again is the same.',
  parameter: anOrderId,
  answers: [
    document(202, {
      description: 'The wish is on record.',
      schema: CancelAsked,
      example: { orderId: exampleOrder, cancelRequested: true },
    }),
  ],
  refuses: ['order-unknown', 'order-settled', 'store-unavailable'],
} as const satisfies Endpoint

const eraseOrder = {
  method: 'POST',
  path: '/orders/:id/erase',
  tag: 'orders',
  summary: 'Erase address and payment token of a settled order',
  description: 'In every service that keeps something of it. Repeating it is harmless.',
  audience: 'operators',
  parameter: anOrderId,
  answers: [
    document(200, {
      description: 'Erased everywhere.',
      schema: Erased,
      example: { orderId: exampleOrder, erased: true },
    }),
  ],
  refuses: ['order-unknown', 'order-open', 'erasure-incomplete', 'store-unavailable'],
} as const satisfies Endpoint

const resolveOrder = {
  method: 'POST',
  path: '/orders/:id/resolve',
  tag: 'orders',
  summary: 'End a call that is refused for good by a decision',
  description:
    'Gives the answer in place of the one who was called, such as a refund that was made outside. The decision is on record with who, why and what was done, and the order goes on from the answer. Make sure first that the call was not carried out and will not be. Repeating the same decision is harmless.',
  audience: 'operators',
  parameter: anOrderId,
  body: {
    schema: ResolutionRequest,
    example: {
      service: 'payment',
      answer: 'refunded',
      by: 'Ada Lovelace',
      why: 'The card is closed: the provider refuses the refund.',
      outside: 'Bank transfer 2030-17 of 39.98.',
    },
  },
  answers: [
    document(200, {
      description: 'The decision is on record.',
      schema: Resolved,
      example: { orderId: exampleOrder, service: 'payment', resolved: true },
    }),
  ],
  refuses: [
    ...(['order-unknown', 'call-not-open', 'call-not-stuck', 'resolved-otherwise'] as const),
    ...(['answer-not-allowed', 'resolution-unknown'] as const),
  ],
} as const satisfies Endpoint

/** What can be done with an order. */
export const orderEndpoints = { placeOrder, showOrder, cancelOrder, eraseOrder, resolveOrder }
