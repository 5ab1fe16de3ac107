import { z } from 'zod'
import { Catalogue, OrderAnswer, Receipt } from '../services/order/api/openapi/answers.ts'
import { OrderStory } from '../services/private-calls/order-story.ts'
import { StockTotals } from '../services/private-calls/stock.ts'
import { SagaError } from '../shared/runtime/errors.ts'
import type { PatientClient, PatientReply } from './patient-client.ts'

export type Line = { readonly sku: string; readonly quantity: number }

/** What `POST /orders` takes. */
export type OrderBody = {
  readonly customerId: string
  readonly lines: readonly Line[]
  readonly payment: { readonly token: string }
  readonly shipTo: Readonly<Record<'name' | 'line1' | 'city' | 'postalCode' | 'country', string>>
}

/**
 * The public API as its customers know it. Every call is repeated until it is answered; `no-answer` after the
 * caller's patience.
 */
export type ApiClient = {
  /** The order of this key; `undefined` when the API refuses it for good. */
  place(body: OrderBody, key: string): Promise<Receipt | undefined>
  /** True when the wish to cancel was taken down, false when it came too late. */
  cancel(orderId: string): Promise<boolean>
  /** The order, or undefined when nobody knows it. */
  find(orderId: string): Promise<OrderAnswer | undefined>
  /** The cents that a decision on record says were given back outside, 0 without one. */
  givenBackByHand(orderId: string): Promise<number>
  catalogue(): Promise<Catalogue>
  stock(sku: string): Promise<StockTotals>
}

/** The API at `url`. */
export const apiClientAt = (url: string, { call }: PatientClient): ApiClient => {
  const at = (path: string) => `${url.replace(/\/$/, '')}${path}`
  const get = async <T>(path: string, schema: z.ZodType<T>) =>
    contentOf(path, await call({ url: at(path) }), schema)
  return {
    place: async (body, key) => {
      const headers = { 'idempotency-key': key }
      const reply = await call({ url: at('/orders'), method: 'POST', headers, body })
      return reply.status === 202 ? contentOf('/orders', reply, Receipt) : undefined
    },
    cancel: async orderId =>
      (await call({ url: at(`/orders/${orderId}/cancel`), method: 'POST' })).status === 202,
    find: async orderId => {
      const reply = await call({ url: at(`/orders/${orderId}`) })
      return reply.status === 404 ? undefined : contentOf('/orders/<id>', reply, OrderAnswer)
    },
    givenBackByHand: async orderId => byHandIn(await get(`/orders/${orderId}/timeline`, OrderStory)),
    catalogue: () => get('/catalogue', Catalogue),
    stock: sku => get(`/stock/${sku}`, StockTotals),
  }
}

const byHandIn = (story: OrderStory): number => {
  if (story.status === null) return 0
  const decisions = story.steps.flatMap(step => {
    const read = 'gap' in step ? undefined : Resolved.safeParse(step)
    return read?.success ? [read.data.data.resolution.amount] : []
  })
  return decisions.reduce((sum, amount) => sum + amount, 0)
}

/** The notice by which payment reports a decision. */
const Resolved = z.object({
  type: z.literal('payment.repaired'),
  data: z.object({ what: z.literal('resolved'), resolution: z.object({ amount: z.int().min(0) }) }),
})

const contentOf = <T>(path: string, { status, text }: PatientReply, schema: z.ZodType<T>): T => {
  const content = status < 300 ? schema.safeParse(JSON.parse(text)) : undefined
  if (content?.success) return content.data
  throw new SagaError('answer-unexpected', `${path} answered ${status}`, { retry: 'never' })
}
