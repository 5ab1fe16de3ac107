import { gzipSync } from 'node:zlib'
import { batchType, singleType } from '../../shared/contract/envelope.ts'
import { newOrder, rawOf, reserved } from './payment-inbox.ts'
import {
  batchOf,
  bytes,
  changed,
  changedData,
  deep,
  forged,
  goodElement,
  invalid,
  json,
  jsonOf,
  newer,
  type Poison,
  spliced,
  unknown,
  unreadable,
  withHeaders,
} from './poison-parts.ts'

/** The most that the broker takes: `max_message_size` of rabbitmq.conf. */
export const largestBody = 4_194_304

const unreadableBodies: Poison[] = [
  { name: 'invalid JSON', raw: () => bytes(Buffer.from('{"id": broken')), parked: unreadable },
  {
    name: 'invalid UTF-8',
    raw: () => bytes(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0x22, 0x7d])),
    parked: unreadable,
  },
  { name: 'an empty body', raw: () => bytes(Buffer.alloc(0)), parked: unreadable },
  {
    name: 'an empty batch',
    raw: () => bytes(Buffer.from('[]'), { contentType: batchType }),
    parked: unreadable,
  },
  {
    name: 'a batch that is no array',
    raw: () => ({ ...rawOf(reserved(), { contentType: batchType }) }),
    parked: unreadable,
  },
  {
    name: 'as many bytes as the broker takes',
    raw: () => bytes(Buffer.alloc(largestBody, 'x')),
    parked: unreadable,
  },
  {
    name: 'a body that is gzip',
    raw: () => {
      const { body, ...rest } = rawOf(reserved(), { contentEncoding: 'gzip' })
      return { ...rest, body: gzipSync(body) }
    },
    parked: unreadable,
  },
  {
    name: 'a gzip bomb, which nobody inflates',
    raw: () => bytes(gzipSync(Buffer.alloc(200 * 1024 * 1024)), { contentEncoding: 'gzip' }),
    parked: unreadable,
  },
  {
    name: 'another content type',
    raw: () => rawOf(reserved(), { contentType: 'application/json' }),
    parked: unreadable,
  },
  {
    name: 'no content type',
    raw: () => {
      const { body, properties } = rawOf(reserved())
      return { body, properties: { messageId: properties.messageId ?? '' } }
    },
    parked: unreadable,
  },
  { name: 'a list 100,000 levels deep', raw: () => bytes(Buffer.from(deep(100_000))), parked: invalid },
]

const strangeEvents: Poison[] = [
  { name: 'null', raw: () => bytes(Buffer.from('null')), parked: invalid },
  {
    name: 'an unknown type',
    raw: () => changed(event => ({ ...event, type: 'inventory.eaten' })),
    parked: unknown,
  },
  {
    name: 'a type of Object.prototype',
    raw: () => changed(event => ({ ...event, type: 'constructor' })),
    parked: unknown,
  },
  {
    name: 'a version that no instance knows',
    raw: () => changed(event => ({ ...event, dataversion: 99 })),
    parked: newer,
  },
  { name: 'version 0', raw: () => changed(event => ({ ...event, dataversion: 0 })), parked: invalid },
  { name: 'no id in the body', raw: () => changed(({ id: _, ...event }) => event), parked: invalid },
  {
    name: 'a type with line breaks',
    raw: () => changed(event => ({ ...event, type: 'a\nb\u001b[2J' })),
    parked: unknown,
  },
  {
    name: 'an order id that is an operator',
    raw: () => changed(event => ({ ...event, subject: { $gt: '' } })),
    parked: invalid,
  },
  { name: 'a $ key in the data', raw: () => changedData({ $set: { status: 'captured' } }), parked: invalid },
  {
    name: 'a key with a dot in the data',
    raw: () => changedData({ 'state.status': 'captured' }),
    parked: invalid,
  },
  { name: '__proto__ in the data', raw: () => spliced('"__proto__":{"polluted":true}'), parked: invalid },
  {
    name: 'constructor.prototype in the data',
    raw: () => spliced('"constructor":{"prototype":{"polluted":true}}'),
    parked: invalid,
  },
  { name: '100,000 levels in the data', raw: () => spliced(`"deep":${deep(100_000)}`), parked: invalid },
  { name: 'a total that is no amount', raw: () => changedData({ total: 1e300 }), parked: invalid },
  {
    name: 'an event of the order service that payment does not hear',
    raw: () => {
      const event = reserved()
      const other = {
        ...jsonOf(event),
        type: 'order.confirmed',
        dataversion: 1,
        data: { trackingNumber: 'T' },
      }
      return { ...rawOf(event), body: json({ ...other, id: `${event.subject}:order:9` }) }
    },
    parked: forged,
  },
  {
    name: 'the event of another service under a key of its own',
    raw: () => {
      const order = newOrder()
      const forged = {
        ...jsonOf(reserved(order)),
        ...{ id: `${order}:shipping:1`, type: 'shipment.refused', data: { reason: 'cancelled' } },
      }
      return { ...rawOf(reserved(order)), body: json(forged) }
    },
    parked: forged,
  },
]

const forgeries: Poison[] = [
  {
    name: 'an id of another service',
    raw: () => changed(event => ({ ...event, id: `${event.subject}:shipping:1` })),
    parked: forged,
  },
  {
    name: 'an id of another order',
    raw: () => changed(event => ({ ...event, id: `${newOrder()}:inventory:1` })),
    parked: forged,
  },
  {
    name: 'a forged type on a body that cannot be read',
    raw: () => bytes(Buffer.from('no json'), { type: 'payment.refunded' }),
    parked: unreadable,
  },
]

const batches: Poison[] = [
  {
    name: 'one element of a version that no instance knows among good ones',
    raw: () =>
      batchOf(goodElement(), JSON.stringify({ ...jsonOf(reserved()), dataversion: 99 }), goodElement()),
    parked: { ...newer, body: sent => json(JSON.parse(sent.toString())[1]) },
  },
  {
    name: 'one element of an unknown type among good ones',
    raw: () =>
      batchOf(
        goodElement(),
        JSON.stringify({ ...jsonOf(reserved()), type: 'inventory.eaten' }),
        goodElement(),
      ),
    parked: { ...unknown, body: sent => json(JSON.parse(sent.toString())[1]) },
  },
  {
    name: 'a number among good events',
    raw: () => batchOf(goodElement(), '42', goodElement()),
    parked: { ...invalid, body: () => Buffer.from('42') },
  },
  {
    name: 'an element 100,000 levels deep among good ones',
    raw: () => batchOf(goodElement(), deep(100_000), goodElement()),
    parked: { ...invalid, body: sent => sent },
  },
  {
    name: 'an element that grows beyond what the broker takes, among good ones',
    raw: () => batchOf(goodElement(), `[${'1e20,'.repeat(400_000)}0]`, goodElement()),
    parked: { ...invalid, body: sent => sent },
  },
]

const forgedFrames: Poison[] = [
  {
    name: 'no properties but the content type',
    raw: () => ({ ...rawOf(reserved()), properties: { contentType: singleType } }),
  },
  {
    name: 'nothing readable, and no properties',
    raw: () => ({ body: Buffer.from('no json'), properties: {} }),
    parked: { ...unreadable, id: 'unknown' },
  },
  { name: 'a forged type', raw: () => rawOf(reserved(), { type: 'payment.refunded' }) },
  { name: 'a forged sender', raw: () => rawOf(reserved(), { appId: 'operator' }) },
  { name: 'a gzip label on a plain body', raw: () => rawOf(reserved(), { contentEncoding: 'gzip' }) },
  { name: 'forged deliveries', raw: () => rawOf(reserved(), { headers: { 'x-delivery-count': 1_000_000 } }) },
  { name: 'a negative count of attempts', raw: () => rawOf(reserved(), { headers: { 'x-attempt': -7 } }) },
  {
    name: 'a huge count of attempts',
    raw: () => rawOf(reserved(), { headers: { 'x-attempt': 2 ** 53 - 1 } }),
  },
  {
    name: 'a re-send id that is a table',
    raw: () => rawOf(reserved(), { headers: { 'x-resend': { $ne: 1 } } }),
  },
  {
    name: 'a forged x-death',
    raw: () => withHeaders({ 'x-death': [{ queue: 'payment.dlq', count: 9 }] }),
    parked: unreadable,
  },
  { name: 'attempts in a table', raw: () => withHeaders({ 'x-attempt': { a: [1] } }), parked: unreadable },
  { name: 'attempts that are text', raw: () => withHeaders({ 'x-attempt': 'many' }), parked: unreadable },
  {
    name: 'headers of 64 KB',
    raw: () => withHeaders({ 'x-origin-key': 'k'.repeat(65_400) }),
    parked: unreadable,
  },
  {
    name: 'a re-send id of 64 KB',
    raw: () => withHeaders({ 'x-resend': 'r'.repeat(65_400) }),
    parked: unreadable,
  },
  {
    name: 'an order of 200 bytes that are no text',
    raw: () => bytes(Buffer.from('no json'), { correlationId: '\uFFFF'.repeat(80) }),
    parked: unreadable,
  },
]

/** Poison of every kind. */
export const poisons: readonly Poison[] = [
  ...unreadableBodies,
  ...strangeEvents,
  ...forgeries,
  ...batches,
  ...forgedFrames,
]
