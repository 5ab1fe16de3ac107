import { singleType } from '../../shared/contract/envelope.ts'
import { rawOf, reserved } from './payment-inbox.ts'
import { bytes, type Poison, unreadable, withHeaders } from './poison-parts.ts'

export const forgedFrames: readonly Poison[] = [
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
