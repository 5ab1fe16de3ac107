import { z } from 'zod'
import { Address, OrderLine, PaymentToken, StockLine } from '../../services/contract/fields.ts'
import { OrderId, order, Sku } from '../../services/contract/ids.ts'
import { Cents } from '../../services/contract/money.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { batchType, singleType } from '../../shared/contract/envelope.ts'
import type { AnyDefinition } from '../../shared/contract/event.ts'
import { forReaders } from '../../shared/contract/json-schema.ts'
import { type NoticeKind, noticeDetails, noticeKinds, noticeType } from '../../shared/contract/notice.ts'
import type { Headers } from '../../shared/messaging/broker.ts'

/** The services that report their trouble. */
export const noticeServices = [...new Set(events.map(({ owner }) => owner))]

/** Every notice that may travel: who reports it, of which kind, and its type. */
export const notices = noticeServices.flatMap(service =>
  noticeKinds.map(kind => ({ service, kind, type: noticeType(service, kind) })),
)

/** The headers that a message on its way to a service may have. */
const EventHeaders: z.ZodType<Headers> = z.object({
  'x-resend': z
    .string()
    .exactOptional()
    .describe('Names a deliberate re-send: it is handled although it is known.'),
  'x-attempt': z.int().exactOptional().describe('How many attempts failed before this one.'),
  'x-first-failed-at': z.iso.datetime().exactOptional(),
  'x-reason': z.string().exactOptional().describe('The code of the last failure.'),
  'x-error': z
    .string()
    .max(200)
    .exactOptional()
    .describe('What its error said, without the sensitive values of the event.'),
  'x-error-at': z.string().exactOptional().describe('Where its error came from: `file:line`.'),
  'x-origin-key': z
    .string()
    .exactOptional()
    .describe('The routing key that it came with before its first failure.'),
})

const envelopeOf = ({ type, version, owner, schema }: AnyDefinition) =>
  shop.wire.event.extend({
    source: z.literal(`/choreo/${owner}`),
    type: z.literal(type),
    dataversion: z.literal(version),
    data: schema,
  })

const noticeOf = (service: string, kind: NoticeKind) =>
  shop.wire.notice.extend({
    source: z.literal(`/choreo/${service}`),
    type: z.literal(noticeType(service, kind)),
    data: noticeDetails[kind],
  })

const batchOf = (type: string) => `${type}.batch`
const place = '#/components/schemas/'

/** Every payload and header, and what they are made of, as JSON Schema draft-07, which AsyncAPI builds on. */
export const schemas = (): Readonly<Record<string, object>> => {
  const registry = z.registry<{ id: string }>()
  const shared = {
    OrderId,
    EventId: order.EventId,
    Sku,
    Cents,
    PaymentToken,
    Address,
    OrderLine,
    StockLine,
    EventHeaders,
  }
  for (const [id, schema] of Object.entries(shared)) registry.add(schema, { id })
  for (const event of events) {
    const envelope = envelopeOf(event)
    registry.add(envelope, { id: event.type })
    registry.add(z.array(envelope).min(2), { id: batchOf(event.type) })
  }
  for (const { service, kind, type } of notices) registry.add(noticeOf(service, kind), { id: type })
  const made = z.toJSONSchema(registry, { ...written, uri: id => place + id }).schemas
  return Object.fromEntries(Object.entries(made).map(([id, { $id, $schema, ...schema }]) => [id, schema]))
}

const written = {
  target: 'draft-7',
  io: 'input',
  override: forReaders,
} as const satisfies z.core.ToJSONSchemaParams

const binding = (messageType: string) => ({ amqp: { messageType, bindingVersion: '0.3.0' } })

/** Every message: events alone and in batches, and notices. */
export const messages = (): Readonly<Record<string, object>> =>
  Object.fromEntries([
    ...events.flatMap(({ type, version }) => [
      [type, alone(type, `Version ${version} of its data; consumers read all older ones, too.`)],
      [batchOf(type), several(type)],
    ]),
    ...notices.map(({ type }) => [type, notice(type)]),
  ])

const correlationId = { description: 'The order.', location: '$message.payload#/correlationid' }

const alone = (type: string, description: string) => ({
  ...{ name: type, title: type, summary: 'One event.', description, contentType: singleType, correlationId },
  ...{ headers: { $ref: `${place}EventHeaders` }, payload: { $ref: place + type }, bindings: binding(type) },
})

const several = (type: string) => ({
  ...{ name: batchOf(type), title: `${type}, several`, contentType: batchType },
  summary: 'Several events of one type, of many orders: how they travel under load.',
  ...{ payload: { $ref: place + batchOf(type) }, bindings: binding(type) },
})

const notice = (type: string) => ({
  ...{ name: type, title: type, contentType: singleType },
  summary: 'What a service reports to the journal about its own trouble. No service reacts to it.',
  ...{ payload: { $ref: place + type }, bindings: binding(type) },
})

/** The messages of a channel, by what they are called there. */
export const messagesOn = (type: string): Readonly<Record<string, { $ref: string }>> => {
  const one = { $ref: `#/components/messages/${type}` }
  const isEvent = events.some(event => event.type === type)
  return isEvent ? { one, several: { $ref: `#/components/messages/${batchOf(type)}` } } : { one }
}
