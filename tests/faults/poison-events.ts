import { newOrder, rawOf, reserved } from './payment-inbox.ts'
import {
  bytes,
  changed,
  changedData,
  deep,
  forged,
  invalid,
  json,
  jsonOf,
  newer,
  type Poison,
  spliced,
  unknown,
  unreadable,
} from './poison-parts.ts'

export const strangeEvents: readonly Poison[] = [
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

export const forgeries: readonly Poison[] = [
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
