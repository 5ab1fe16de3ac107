import type { OrderPlaced } from '../../../services/contract/order.ts'
import type { PaymentResolved } from '../../../services/contract/payment.ts'
import type { Reservation } from '../../../services/inventory/domain.ts'
import { type Lot, totalsOf } from '../../../services/inventory/stock/store.ts'
import { isSettled, type Order } from '../../../services/order/domain.ts'
import { eventOwners, type ReactingName, reactingNames } from '../../../services/registry.ts'
import type { Recorded } from '../../../shared/contract/event.ts'
import type { SagaDocument } from '../../../shared/saga/document/document.ts'
import type { Customer } from '../world/clients.ts'
import type { Shop } from '../world/shop.ts'
import { Violation } from './violation.ts'

const claim = (holds: boolean, what: string, orderId?: string): void => {
  if (!holds) throw new Violation(what, orderId)
}

/** The facts that end a service's part; at most one of each group may be on record. */
const exclusive: readonly (readonly [string, ...string[]])[] = [
  ['order.confirmed', 'order.rejected', 'order.cancelled'],
  ['order.placed'],
  ['order.cancel-requested'],
  ['inventory.rejected', 'inventory.released', 'inventory.consumed'],
  ['inventory.reserved'],
  ['payment.declined', 'payment.voided', 'payment.captured'],
  ['payment.refunded'],
  ['payment.resolved'],
  ['shipment.scheduled', 'shipment.refused', 'shipment.closed'],
]

const owners: Readonly<Record<string, string>> = eventOwners
const exclusiveOf = new Map(
  reactingNames.map(name => [
    name,
    exclusive.filter(([type]) => owners[type.slice(0, type.indexOf('.'))] === name),
  ]),
)

const has = (document: SagaDocument | undefined, type: string) =>
  document?.events.some(event => event.type === type) ?? false

/** The checks that run as soon as something was written, by what was written. */
export const watchOver = (shop: Shop) => {
  const find = (service: ReactingName, orderId: string) =>
    shop.stores[service].all().find(one => one.subject === orderId)
  const written = (service: ReactingName, orderId: string): void => {
    const document = find(service, orderId)
    if (!document) return
    checkDocument(service, document)
    checkInbox(shop, service, document)
    if (service === 'order') checkEnd(shop, document, name => find(name, orderId))
    seen(shop, service, document)
  }
  // Thrown here, it would be the store's error to whoever wrote; the schedule raises it after the step.
  const guarded = (check: () => void) => {
    try {
      check()
    } catch (error) {
      shop.alarm ??= error as Error
    }
  }
  return {
    written: (service: string, orderId: string) => guarded(() => written(service as ReactingName, orderId)),
    conflict: (service: string) => shop.hit(`conflict in ${service}`),
    stockWritten: () => guarded(() => checkLots(shop)),
    paid: () => guarded(() => checkMoney(shop)),
    seenDone: () => shop.hit('duplicate known to Redis'),
  }
}

const checkDocument = (service: ReactingName, { events, subject: orderId, unsent }: SagaDocument): void => {
  for (const group of exclusiveOf.get(service) ?? []) {
    const found = events.filter(({ type }) => group.includes(type))
    if (found.length > 1)
      throw new Violation(`${service} has on record ${found.map(({ type }) => type).join(' and ')}`, orderId)
  }
  if (new Set(events.map(({ id }) => id)).size !== events.length)
    throw new Violation(`${service} used an event id twice`, orderId)
  for (const id of unsent)
    claim(
      events.some(event => event.id === id),
      `${service} marks an unknown event`,
      orderId,
    )
  const place = (type: string) => events.findIndex(event => event.type === type)
  for (const [first, then] of pairs)
    if (place(then) >= 0)
      claim(place(first) >= 0 && place(first) < place(then), `${then} without ${first}`, orderId)
}

const pairs = [
  ['inventory.reserved', 'inventory.consumed'],
  ['payment.captured', 'payment.refunded'],
  ['payment.captured', 'payment.resolved'],
] as const

/** Dead means that nothing was done, and only what cannot be handled is given up. */
const checkInbox = (
  { ill }: Shop,
  service: ReactingName,
  { inbox, events, subject: orderId }: SagaDocument,
): void => {
  for (const [id, { outcome }] of Object.entries(inbox)) {
    if (outcome !== 'dead') continue
    claim(!events.some(({ cause }) => cause === id), `${service} gave up ${id} and applied it`, orderId)
    claim(ill.everIll.has(`${service}|${id}`), `${service} gave up ${id}, which can be handled`, orderId)
  }
}

/** An end is only told when what it says is so on every side. */
const checkEnd = (
  shop: Shop,
  order: SagaDocument,
  other: (service: ReactingName) => SagaDocument | undefined,
): void => {
  const { subject: orderId } = order
  const { status } = order.state as Order
  if (status === 'confirmed')
    claim(has(other('shipping'), 'shipment.scheduled'), 'confirmed without a shipment', orderId)
  if (status === 'cancelled') {
    claim(has(other('shipping'), 'shipment.refused'), 'cancelled although shipping did not refuse', orderId)
    const undone = has(other('payment'), 'payment.refunded') || has(other('payment'), 'payment.voided')
    claim(undone, 'cancelled before the money is back', orderId)
  }
  if (status === 'rejected' || status === 'cancelled') {
    claim(
      (other('inventory')?.state as Reservation | undefined)?.status === 'closed',
      `${status} before the stock is back`,
      orderId,
    )
    claim(netOf(shop, orderId) === 0, `${status} and money is kept`, orderId)
  }
}

/**
 * What an order paid and has not got back, from the provider or by a decision on record. Both at once is no
 * fault of the records: a refund that was under way when it was decided is the provider's to do.
 */
export const netOf = ({ payment, stores, hit }: Shop, orderId: string): number => {
  const entries = payment.entries().filter(entry => entry.orderId === orderId)
  const sum = (wanted: string) =>
    entries.reduce((total, { kind, amount }) => total + (kind === wanted ? amount : 0), 0)
  const byHand = givenBackByHand(stores.payment.all().find(one => one.subject === orderId))
  if (byHand > 0 && sum('refund') > 0) hit('given back twice')
  return sum('charge') - Math.max(sum('refund'), byHand)
}

const givenBackByHand = (document: SagaDocument | undefined): number => {
  const note = document?.events.find(({ type }) => type === 'payment.resolved')
  return (note?.data as PaymentResolved['data'] | undefined)?.amount ?? 0
}

const checkMoney = ({ payment, carrier, hit }: Shop): void => {
  const counts = new Map<string, number>()
  for (const { kind, orderId, amount } of [...payment.entries(), ...carrier.entries()]) {
    const id = `${kind} ${orderId}`
    counts.set(id, (counts.get(id) ?? 0) + 1)
    claim(counts.get(id) === 1, `more than one ${kind}`, orderId)
    if (kind === 'refund') {
      const charge = payment.entries().find(one => one.kind === 'charge' && one.orderId === orderId)
      claim(charge !== undefined && charge.amount >= amount, 'a refund of more than was charged', orderId)
      hit('refunded')
    }
  }
}

const checkLots = (shop: Shop): void => {
  const held = new Map<string, number>()
  const lots = shop.stock.all()
  for (const sku of Object.keys(shop.scenario.stock)) checkTotals(shop, lots, sku)
  for (const lot of lots) {
    if (lot.moves && Object.keys(lot.moves).length > 0) shop.hit('units on the move')
    checkBooks(lot)
    // Per attempt: a stale one may still hold in another lot, until the sweep frees it.
    for (const [orderId, { quantity, token }] of Object.entries(lot.holds)) {
      const key = `${orderId} ${lot.sku} ${token}`
      const sum = (held.get(key) ?? 0) + quantity
      claim(sum <= wantedBy(shop, orderId, lot.sku), `an order holds ${sum} of ${lot.sku}`, orderId)
      held.set(key, sum)
    }
  }
  shop.hit('stock changed')
}

/** Wherever units are, or on their way, there are as many as in the beginning. */
const checkTotals = ({ scenario }: Shop, lots: readonly Lot[], sku: string): void => {
  const { initial, onHand, held, shipped } = totalsOf(lots.filter(lot => lot.sku === sku))
  claim(
    initial === scenario.stock[sku],
    `there are ${initial} of ${sku}, and there were ${scenario.stock[sku]}`,
  )
  claim(onHand + held + shipped === initial, `the stock totals of all lots of ${sku} do not balance`)
}

/** What an order asked for. */
export const placedLines = (shop: Shop, orderId: string): OrderPlaced['data']['lines'] => {
  const placed = shop.stores.order
    .all()
    .find(one => one.subject === orderId)
    ?.events.find(({ type }) => type === 'order.placed')
  return (placed?.data as OrderPlaced['data'] | undefined)?.lines ?? []
}

const wantedBy = (shop: Shop, orderId: string, sku: string): number =>
  placedLines(shop, orderId).find(line => line.sku === sku)?.quantity ?? 0

const checkBooks = ({ sku, onHand, held, shipped, initial, restocked, holds }: Lot): void => {
  const open = Object.values(holds).reduce((sum, { quantity }) => sum + quantity, 0)
  claim(onHand >= 0, `less than nothing on hand of ${sku}`)
  claim(held === open, `the holds of ${sku} do not add up`)
  claim(onHand + held + shipped === initial + restocked, `the stock totals of ${sku} do not balance`)
}

/** What the run as a whole must have seen at least once. */
const seen = ({ hit }: Shop, service: ReactingName, { events, inbox, intent }: SagaDocument): void => {
  const last = events.at(-1)
  // One write may hold two: a deadline asks for a cancel and notes the nudge.
  for (const event of events.slice(-2)) if (event.at === last?.at) hit(`${event.type}${detailOf(event)}`)
  const entries = Object.values(inbox)
  if (entries.at(-1)?.outcome === 'ignored') hit(`${service} ignored a late event`)
  if (entries.some(({ outcome }) => outcome === 'dead')) hit(`${service} gave an event up`)
  if (entries.some(({ outcome }) => outcome === 'suspect')) hit('suspect on record')
  if (intent?.due !== undefined) hit(`${service} moved a call to the background`)
}

const detailOf = ({ type, data }: Recorded): string => {
  const { reason, lines } = data as { reason?: string; lines?: readonly unknown[] }
  if (type === 'inventory.released') return lines?.length === 0 ? ' as a tombstone' : ' with a hold'
  return type === 'shipment.refused' || type === 'order.cancel-requested' ? ` ${reason}` : ''
}

/** Whether something is still under way for an order that should be over. */
export const isUnsettled = (shop: Shop): boolean =>
  shop.stores.order.all().some(({ state }) => !isSettled(state as Order))

export const checkAccepted = (shop: Shop, customers: readonly Customer[]): void => {
  for (const { orderId, name } of customers) {
    claim(orderId !== undefined, `${name} was never answered`)
    claim(
      shop.stores.order.all().some(one => one.subject === orderId),
      'an accepted order is gone',
      orderId,
    )
  }
}

export { claim }
