import type { z } from 'zod'
import { cursorText, listParameters, usuallyListed } from '../../../private-calls/order-list.ts'
import {
  type ListedOrder,
  OrderPage,
  OrderStory,
  StoryEnd,
  StoryEntry,
} from '../../../private-calls/order-story.ts'
import { document, type Endpoint, type Parameter } from './endpoint.ts'
import { anOrderId, exampleOrder } from './orders.ts'

const examples = {
  status: 'placed',
  customer: 'customer-1',
  caller: 'shop',
  sku: 'SKU-0',
  reason: 'out-of-stock',
  awaiting: 'payment.captured',
  minTotal: 1_000,
  maxTotal: 5_000,
  placedFrom: '2030-01-01',
  placedUntil: '2030-01-31T12:00:00Z',
  olderThan: '10m',
  sort: 'highest-total',
  cursor: cursorText({ sort: 'newest', at: `8208988799999:${exampleOrder}` }),
  limit: 50,
} as const satisfies Record<keyof typeof listParameters, string | number>

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

// All parameters are texts; these are texts of numbers.
const numbers: Record<string, z.ZodType> = {
  minTotal: listParameters.minTotal[0].out,
  maxTotal: listParameters.maxTotal[0].out,
  limit: listParameters.limit[0].out.default(usuallyListed),
}

const query: Record<string, Parameter> = Object.fromEntries(
  Object.entries(listParameters).map(([name, [schema, expected]]) => [
    name,
    {
      schema: numbers[name] ?? schema,
      description: sentence(expected),
      example: examples[name as keyof typeof examples],
    },
  ]),
)

const listed: z.input<typeof ListedOrder> = {
  orderId: exampleOrder,
  status: 'placed',
  settled: false,
  customerId: 'customer-1',
  caller: 'shop',
  total: 3_998,
  placedAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.120Z',
  last: { id: `${exampleOrder}:inventory:1`, type: 'inventory.reserved', at: '2030-01-01T00:00:00.120Z' },
  awaiting: [
    {
      service: 'payment',
      events: ['payment.captured', 'payment.declined'],
      since: '2030-01-01T00:00:00.120Z',
      withinMs: 10_000,
      overdue: false,
    },
  ],
  reasons: [],
  attemptsFailed: 0,
  parked: 0,
  repaired: 0,
}

const read = { asOf: '2030-01-01T00:00:01.000Z', lagSeconds: 0.2 }

const placed = {
  id: `${exampleOrder}:order:2`,
  type: 'order.placed',
  service: 'order',
  at: '2030-01-01T00:00:00.000Z',
  data: { caller: 'shop', customerId: 'customer-1', total: 3_998 },
}

const reserved = {
  id: `${exampleOrder}:inventory:1`,
  type: 'inventory.reserved',
  service: 'inventory',
  at: '2030-01-01T00:00:00.120Z',
  cause: placed.id,
  data: { total: 3_998 },
}

const listOrders = {
  method: 'GET',
  path: '/orders',
  tag: 'stories',
  summary: 'List and search orders',
  description:
    'All of the criteria hold for each order; the newest come first unless `sort` says otherwise. Pages follow `next`: no order comes twice, and none is left out that was there and matched from the first page to the last. A list by total has orders whose total is known. A caller has its own orders and may not ask for `caller`; an operator has everybody’s. Each parameter may be sent once.',
  query,
  answers: [
    document(200, {
      description: 'A page of orders, as far as the journal was read.',
      schema: OrderPage,
      example: { ...read, orders: [listed], next: null },
    }),
  ],
  refuses: ['fields-invalid', 'tracking-unavailable'],
} as const satisfies Endpoint

const showTimeline = {
  method: 'GET',
  path: '/orders/:id/timeline',
  tag: 'stories',
  summary: 'Tell the whole story of an order',
  description: 'Every fact of every service, and every notice of trouble, in causal order.',
  parameter: anOrderId,
  answers: [
    document(200, {
      description: 'The story; its status is null when the journal was not read as far as the order yet.',
      schema: OrderStory,
      example: {
        ...{ ...read, ...listed, abridged: false },
        steps: [
          { ...placed, sinceStartMs: 0 },
          { ...reserved, afterMs: 120, sinceStartMs: 120 },
        ],
      },
    }),
  ],
  refuses: ['order-unknown', 'tracking-unavailable', 'store-unavailable'],
} as const satisfies Endpoint

const streamEvents = {
  method: 'GET',
  path: '/orders/:id/events',
  tag: 'stories',
  summary: 'Follow an order',
  description:
    'Server-sent events: each fact and notice once, named by its type and with its id, in the order of the journal, beginning after `Last-Event-ID` when that is known. When the order is settled, an event `end` is the last.',
  parameter: anOrderId,
  headers: ['Last-Event-ID'],
  answers: [
    {
      status: 200,
      description: 'The events, as they come.',
      events: [StoryEntry, StoryEnd],
      example: [
        'retry: 2000\n\n',
        `id: ${placed.id}\nevent: ${placed.type}\ndata: ${JSON.stringify(placed)}\n\n`,
        `event: end\ndata: ${JSON.stringify({ orderId: exampleOrder, status: 'confirmed' })}\n\n`,
      ].join(''),
    },
    { status: 204, description: 'The client has everything, and there will be nothing more.', empty: true },
  ],
  refuses: ['order-unknown', 'tracking-unavailable', 'store-unavailable'],
} as const satisfies Endpoint

/** What can be read of orders: as far as the journal was read, and 503 while that is not known. */
export const storyEndpoints = { listOrders, showTimeline, streamEvents }
