import { gzipSync } from 'node:zlib'
import { batchType } from '../../shared/contract/envelope.ts'
import { rawOf, reserved } from './payment-inbox.ts'
import {
  batchOf,
  bytes,
  deep,
  goodElement,
  invalid,
  json,
  jsonOf,
  newer,
  type Poison,
  unknown,
  unreadable,
} from './poison-parts.ts'

/** The most that the broker takes: `max_message_size` of rabbitmq.conf. */
export const largestBody = 4_194_304

export const unreadableBodies: readonly Poison[] = [
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

export const batches: readonly Poison[] = [
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
