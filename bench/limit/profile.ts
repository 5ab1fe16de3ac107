/**
 * What one order costs in bytes and operations at the least, whichever way the saga is written: one document
 * per service and order with one write when it begins and one when it ends there, each line held and let go
 * in the stock, one event a step, one look and one note in Redis for each event. Sizes are those of the saga
 * for an order of two lines (an event with its envelope, a document when it is complete).
 */
export const perOrder = {
  /** Documents by the service that keeps them, in bytes of their payload. */
  documents: { order: 900, inventory: 500, payment: 450, shipping: 500, tracking: 1_100 },
  /** Writes of stock: two lines, held and let go. */
  stockWrites: 4,
  eventBytes: 650,
} as const

/**
 * The steps of an order after its acceptance, in their order: which service writes, and which provider it
 * asks first.
 */
export const steps = [
  { service: 'inventory', asks: undefined },
  { service: 'payment', asks: '/charges' },
  { service: 'shipping', asks: '/shipments' },
  { service: 'order', asks: undefined },
  { service: 'tracking', asks: undefined },
] as const

export type Step = (typeof steps)[number]

/** How many are taken together. */
export const together = { orders: 512, events: 32, calls: 64 } as const
