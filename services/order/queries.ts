import { z } from 'zod'
import { defineQuery } from '../../shared/commands/define.ts'
import { type QueryBus, queryBus } from '../../shared/commands/query-bus.ts'
import { OrderId, Sku } from '../contract/ids.ts'
import type { StockTotals } from '../private-calls/stock.ts'
import type { StockReader } from './api/stock-reader.ts'
import type { TrackingAnswer, TrackingReader } from './api/tracking-reader.ts'
import type { OrderPort, OrderView } from './order-port.ts'
import { permittedOrder } from './permitted-order.ts'

/** An order as the order service knows it. */
export const ShowOrder = defineQuery({
  name: 'show-order',
  subject: OrderId,
  answer: z.custom<OrderView | 'unknown'>(),
})

/** Orders by criteria. Tracking, which answers, is the one that checks them. */
export const ListOrders = defineQuery({
  name: 'list-orders',
  schema: z.instanceof(URLSearchParams),
  answer: z.custom<TrackingAnswer | 'unavailable'>(),
})

/** The whole story of an order. */
export const TellStory = defineQuery({
  name: 'tell-story',
  subject: OrderId,
  answer: z.custom<TrackingAnswer | 'unavailable' | 'unknown'>(),
})

/** The stock of a SKU. */
export const ShowStock = defineQuery({
  name: 'show-stock',
  subject: Sku,
  answer: z.custom<StockTotals | 'unknown' | 'unavailable'>(),
})

/** Everything that the order service is asked. */
export const queryDefinitions = [ShowOrder, ListOrders, TellStory, ShowStock] as const

/** The way to these queries. */
export type OrderQueries = QueryBus<(typeof queryDefinitions)[number]>

/** What the handlers of these queries stand on. */
export type QueryDeps = {
  readonly orders: Pick<OrderPort, 'find'>
  readonly tracking: Pick<TrackingReader, 'list' | 'timeline'>
  readonly stock: StockReader
}

/** The queries of the order service. A caller sees its own orders, an operator everybody's. */
export const orderQueries = ({ orders, tracking, stock }: QueryDeps): OrderQueries =>
  queryBus(queryDefinitions, {
    'show-order': async ({ subject }, { actor }) =>
      (await permittedOrder(orders, subject, actor)) ?? 'unknown',
    'list-orders': async ({ content }, { actor }) => {
      if (actor.operator) return tracking.list(content)
      return content.has('caller') ? { errors: [noCaller] } : tracking.list(ownOrders(content, actor.name))
    },
    'tell-story': async ({ subject }, { actor }) =>
      (await permittedOrder(orders, subject, actor)) ? tracking.timeline(subject, actor) : 'unknown',
    'show-stock': ({ subject }) => stock(subject),
  })

const noCaller = { field: 'caller', expected: 'nothing: the list has your own orders' }

const ownOrders = (asked: URLSearchParams, caller: string): URLSearchParams => {
  const own = new URLSearchParams(asked)
  own.set('caller', caller)
  return own
}
