import { reactingNames } from '../../../services/registry.ts'

/** From so many schedules on, everything has to be met. */
export const enough = 100_000

/** A crash right before the effect of a call, and right after it, before its answer is heard. */
const killed = (service: string) => (port: string) => [
  `${service} killed before ${port}`,
  `${service} killed after ${port}`,
]

/** What a run of many schedules must have gone through at least once each, or its silence means nothing. */
export const needed: readonly string[] = [
  'order.confirmed',
  'order.rejected',
  'order.cancelled',
  'inventory.rejected',
  'inventory.consumed',
  'inventory.released with a hold',
  'inventory.released as a tombstone',
  'payment.declined',
  'payment.refunded',
  'payment.voided',
  'shipment.refused carrier',
  'shipment.refused cancelled',
  'shipment.closed',
  'order.cancel-requested customer',
  'order.cancel-requested deadline',
  'order.nudged',
  'cancel asked',
  'cancel terminal',
  'confirm lost',
  'redelivered',
  'duplicate known to Redis',
  'conflict in order',
  'conflict in inventory',
  'conflict in payment',
  'conflict in shipping',
  'conflict in stock',
  'units on the move',
  'payment moved a call to the background',
  'shipping moved a call to the background',
  'envelope of several events',
  'suspect on record',
  'replayed',
  'the operator stopped half-way',
  'disk lost',
  'cache wiped',
  'a write was refused',
  'connection cut',
  'order gave an event up',
  'inventory gave an event up',
  'payment gave an event up',
  'shipping gave an event up',
  ...reactingNames.flatMap(service =>
    ['isDone', 'load', 'commit', 'publish', 'markDone', 'ack'].flatMap(killed(service)),
  ),
  ...['charge', 'refund'].flatMap(killed('payment')),
  ...killed('shipping')('ship'),
  ...['lots', 'lot', 'one lot', 'held', 'add'].flatMap(killed('inventory')),
  ...killed('order')('clearUnsent'),
]

export const missing = (sometimes: ReadonlyMap<string, number>): string[] =>
  needed.filter(what => !sometimes.has(what))
