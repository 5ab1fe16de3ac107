import { Sku } from '../../../contract/ids.ts'
import { StockTotals } from '../../../private-calls/stock.ts'
import { Catalogue } from './answers.ts'
import { document, type Endpoint } from './endpoint.ts'
import { RestockRequest } from './requests.ts'

const aSku = {
  ...{ name: 'sku', schema: Sku, description: 'A SKU of the catalogue.', example: 'SKU-0' },
} as const

const books = { sku: 'SKU-0', initial: 1_000, restocked: 50, onHand: 1_040, held: 3, shipped: 7 }

const showCatalogue = {
  method: 'GET',
  path: '/catalogue',
  tag: 'stock',
  summary: 'List what can be bought',
  description: 'Prices are those that an order placed now would have; what is listed may be out of stock.',
  answers: [
    document(200, {
      description: 'Every SKU with its price in cents.',
      schema: Catalogue,
      example: [{ sku: 'SKU-0', unitPrice: 1_999 }],
    }),
  ],
  refuses: [],
} as const satisfies Endpoint

const showStock = {
  method: 'GET',
  path: '/stock/:sku',
  tag: 'stock',
  summary: 'Show the stock of a SKU',
  description: 'On hand + held + shipped = initial + restocked.',
  parameter: aSku,
  answers: [
    document(200, { description: 'The stock totals of the SKU.', schema: StockTotals, example: books }),
  ],
  refuses: ['sku-unknown', 'stock-unavailable'],
} as const satisfies Endpoint

const restockSku = {
  method: 'POST',
  path: '/stock/:sku/restock',
  tag: 'stock',
  summary: 'Add to the stock of a SKU',
  description: 'Once for the same operator and `Idempotency-Key`.',
  audience: 'operators',
  parameter: aSku,
  headers: ['Idempotency-Key'],
  body: { schema: RestockRequest, example: { units: 50 } },
  answers: [
    document(200, { description: 'The stock totals as they are then.', schema: StockTotals, example: books }),
  ],
  refuses: ['sku-unknown', 'key-reused', 'restock-unknown'],
} as const satisfies Endpoint

/** What can be bought, and how much of it is there. */
export const stockEndpoints = { showCatalogue, showStock, restockSku }
