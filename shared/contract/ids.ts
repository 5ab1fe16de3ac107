import { z } from 'zod'

/** `ord_` and 26 characters of `0-9a-v`: safe in a URL, a routing key, a field name and a log line. */
export const OrderId = z
  .string()
  .regex(/^ord_[0-9a-v]{26}$/, 'an order id: ord_ and 26 characters of 0-9a-v')
  .brand<'OrderId'>()
export type OrderId = z.output<typeof OrderId>

/** `<order id>:<service>:<n>`: deterministic, so that work done twice emits the same id twice. */
export const EventId = z
  .string()
  .regex(/^ord_[0-9a-v]{26}:[a-z]{1,20}:[1-9]\d{0,5}$/, 'an event id: <order id>:<service>:<n>')
  .brand<'EventId'>()
export type EventId = z.output<typeof EventId>

/** What is sold. Letters, digits and dashes, so that it can be a document id and a path segment. */
export const Sku = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, 'a SKU: 1 to 40 letters, digits or dashes')
  .brand<'Sku'>()
export type Sku = z.output<typeof Sku>

/** The `n`th event that `service` records about the order, counted from 1. */
export const eventId = (orderId: OrderId, service: string, n: number): EventId =>
  `${orderId}:${service}:${n}` as EventId

/** The service that recorded the event. */
export const serviceOf = (id: EventId): string => id.split(':')[1] ?? ''

/** The order id of 26 base32hex characters that are random or a digest. */
export const orderIdOf = (characters: string): OrderId => OrderId.parse(`ord_${characters}`)
