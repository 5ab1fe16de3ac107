import { z } from 'zod'

const Line = z.object({ sku: z.string(), quantity: z.int().min(1) })
const shipTo = z.record(z.string(), z.string())

const types = [
  ...(['order.placed', 'order.confirmed', 'order.rejected'] as const),
  ...(['inventory.reserved', 'inventory.rejected', 'inventory.consumed', 'inventory.released'] as const),
  ...(['payment.captured', 'payment.declined', 'shipment.scheduled'] as const),
] as const

/** What travels between the services. Its id follows from what it says, so that it is the same when it is sent again. */
export const Event = z.object({
  id: z.string(),
  type: z.enum(types),
  orderId: z.string(),
  at: z.iso.datetime(),
  data: z.object({
    lines: z.array(Line).optional(),
    total: z.int().optional(),
    token: z.string().optional(),
    shipTo: shipTo.optional(),
    reason: z.string().optional(),
    trackingNumber: z.string().optional(),
  }),
})
export type Event = z.output<typeof Event>
export type Line = z.output<typeof Line>

/** A fact about an order. */
export const event = (type: Event['type'], orderId: string, data: Event['data'] = {}): Event => ({
  ...{ id: `${orderId}:${type}`, type, orderId, at: new Date().toISOString(), data },
})

export const exchange = 'naive.events'

/** Which service hears which events. */
export const heard: Readonly<Record<string, readonly Event['type'][]>> = {
  order: [
    ...(['inventory.rejected', 'inventory.consumed', 'inventory.released'] as const),
    ...(['payment.declined', 'shipment.scheduled'] as const),
  ],
  inventory: ['order.placed', 'payment.declined', 'shipment.scheduled'],
  payment: ['inventory.reserved'],
  shipping: ['payment.captured'],
}
