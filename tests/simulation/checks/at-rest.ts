import { participants } from '../../../rabbitmq/participants.ts'
import { catalogue } from '../../../services/catalogue.ts'
import type { InventoryRejected } from '../../../services/contract/inventory.ts'
import { totalsOf } from '../../../services/inventory/stock/store.ts'
import { isSettled, type Order } from '../../../services/order/domain.ts'
import { type ReactingName, reactingNames } from '../../../services/registry.ts'
import { deadLettersOf } from '../../../shared/messaging/topology/names.ts'
import type { SagaDocument } from '../../../shared/saga/document/document.ts'
import type { OrderPlan } from '../scenarios/scenario.ts'
import type { Customer } from '../world/clients.ts'
import type { Shop } from '../world/shop.ts'
import { checkAccepted, claim, netOf, placedLines } from './while-running.ts'

/** What must be true when nothing is under way any more. */
export const checkRest = (shop: Shop, customers: readonly Customer[]): void => {
  checkAccepted(shop, customers)
  for (const customer of customers) checkOrder(shop, customer)
  checkStock(shop, customers)
  checkQueues(shop)
  checkDocuments(shop)
}

/**
 * What is parked is on record as given up, or as applied after all; otherwise it would be in the dead letters
 * and nowhere known. And what is given up lies in some queue: otherwise nobody could ever replay it.
 */
export const checkDeadLetters = (shop: Shop): void => {
  if (!shop.ill.diskLost) for (const service of reactingNames) checkGivenUp(shop, service)
  for (const service of reactingNames)
    for (const { message } of shop.broker.find(deadLettersOf(service)).ready) {
      const document = shop.stores[service].all().find(one => one.subject === message.correlationId)
      claim(
        document?.inbox[message.messageId] !== undefined,
        `${service} parked ${message.messageId} without a record`,
      )
    }
}

const checkGivenUp = (shop: Shop, service: ReactingName): void => {
  for (const { inbox, subject: orderId } of shop.stores[service].all())
    for (const [id, { outcome }] of Object.entries(inbox))
      if (outcome === 'dead')
        claim(isSomewhere(shop, service, id), `${service} gave up ${id} and lost it`, orderId)
}

const isSomewhere = ({ broker }: Shop, service: string, id: string): boolean =>
  [...broker.queues.values()].some(
    queue =>
      (queue.name.startsWith(`${service}.`) || queue.name.startsWith('saga.wait')) &&
      [...queue.ready, ...broker.unacked(queue)].some(({ message }) => message.body.includes(`"id":"${id}"`)),
  )

/** An order that was rejected at its one attempt left nothing held: the next customer may have it at once. */
export const checkStockBalance = ({ stores, stock }: Shop): void => {
  for (const { subject: orderId, token, events } of stores.inventory.all()) {
    if (token !== 1 || !events.some(({ type }) => type === 'inventory.rejected')) continue
    const held = stock.all().filter(({ holds }) => holds[orderId] !== undefined)
    claim(held.length === 0, 'rejected for want of stock, and stock is held for it', orderId)
  }
}

/**
 * Where every order made one attempt that came to its end, nobody was sent away while there was enough for
 * all, and of those that could have had their lines by themselves somebody has.
 */
export const checkRejections = (shop: Shop): void => {
  const ends = ['inventory.reserved', 'inventory.rejected']
  const documents = shop.stores.inventory.all()
  if (documents.some(({ token, events }) => token > 1 || !ends.includes(events[0]?.type ?? ''))) return
  const plans = shop.stores.order
    .all()
    .map(({ subject: orderId }) => ({ orderId, lines: placedLines(shop, orderId) }))
  const stockOf = (sku: string) => shop.scenario.stock[sku] ?? 0
  for (const { subject: orderId, events } of documents) {
    const rejected = events.find(({ type }) => type === 'inventory.rejected')
    if (!rejected) continue
    const { shortOf } = rejected.data as InventoryRejected['data']
    const wanted = plans.flatMap(({ lines }) => lines).filter(({ sku }) => sku === shortOf)
    const sum = wanted.reduce((total, { quantity }) => total + quantity, 0)
    claim(sum > stockOf(shortOf), `rejected for want of ${shortOf}, and there was enough for all`, orderId)
    const fits = placedLines(shop, orderId).every(({ sku, quantity }) => quantity <= stockOf(sku))
    const given = documents.some(other => other.events.some(({ type }) => type === 'inventory.reserved'))
    claim(!fits || given, 'rejected, and nobody got the units', orderId)
  }
}

const statusOf = (shop: Shop, orderId: string | undefined): Order['status'] | undefined =>
  (shop.stores.order.all().find(one => one.subject === orderId)?.state as Order | undefined)?.status

const checkOrder = (shop: Shop, { plan, orderId }: Customer): void => {
  const document = shop.stores.order.all().find(one => one.subject === orderId)
  if (!document || !orderId) return
  const order = document.state as Order
  claim(isSettled(order), `the order is ${order.status} and stays so`, orderId)
  const net = netOf(shop, orderId)
  claim(
    net === (order.status === 'confirmed' ? totalOf(plan) : 0),
    `${order.status} and ${net} cents are kept`,
    orderId,
  )
  const parcels = shop.carrier.entries().filter(one => one.orderId === orderId).length
  claim(parcels === (order.status === 'confirmed' ? 1 : 0), `${order.status} and ${parcels} parcels`, orderId)
  const cancelAsked = document.events.some(({ type }) => type === 'order.cancel-requested')
  if (order.status === 'cancelled')
    claim(cancelAsked || plan.refusedByCarrier, 'cancelled and nobody asked', orderId)
  if (plan.token === 'tok_decline') claim(order.status !== 'confirmed', 'confirmed without money', orderId)
  if (!cancelAsked && order.status === 'rejected' && plan.token !== 'tok_decline') shop.hit('out of stock')
}

const priceOf = (sku: string) => catalogue.find(one => one.sku === sku)?.unitPrice ?? 0
const totalOf = ({ lines }: OrderPlan) =>
  lines.reduce((sum, { sku, quantity }) => sum + quantity * priceOf(sku), 0)

const checkStock = (shop: Shop, customers: readonly Customer[]): void => {
  const lots = shop.stock.all()
  for (const sku of Object.keys(shop.scenario.stock)) {
    const totals = totalsOf(lots.filter(lot => lot.sku === sku))
    const sold = customers
      .filter(({ orderId }) => statusOf(shop, orderId) === 'confirmed')
      .reduce((sum, { plan }) => sum + (plan.lines.find(line => line.sku === sku)?.quantity ?? 0), 0)
    claim(totals.held === 0, `${totals.held} of ${sku} are still held`)
    claim(totals.shipped === sold, `${totals.shipped} of ${sku} were shipped, ${sold} were sold`)
    claim(totals.onHand === (shop.scenario.stock[sku] ?? 0) - sold, `${totals.onHand} of ${sku} are on hand`)
  }
}

const checkQueues = ({ broker }: Shop): void => {
  for (const queue of broker.queues.values()) {
    claim(queue.ready.length === 0, `${queue.name} is not empty`)
    claim(broker.unacked(queue).length === 0, `${queue.name} has unanswered messages`)
  }
  claim(broker.stats.unrouted === 0, 'an event had no queue')
}

const checkDocuments = (shop: Shop): void => {
  for (const service of reactingNames)
    for (const document of shop.stores[service].all()) {
      const { subject: orderId, intent, unsent } = document
      claim(intent === undefined, `${service} has an open call`, orderId)
      claim(unsent.length === 0, `${service} has something unsent`, orderId)
      // What a lost disk took from an order that was settled without it is gone; nobody needs it any more.
      if (!shop.ill.diskLost) checkMessages(shop, service, document)
    }
}

const checkMessages = (
  shop: Shop,
  service: string,
  { inbox, events, subject: orderId }: SagaDocument,
): void => {
  for (const [id, { outcome }] of Object.entries(inbox))
    claim(outcome === 'applied' || outcome === 'ignored', `${id} is ${outcome} in ${service}`, orderId)
  for (const { id, type, note } of events) if (!note) checkHeard(shop, id, type, orderId)
}

const checkHeard = (shop: Shop, id: string, type: string, orderId: string): void => {
  for (const { service, subscribes } of participants) {
    if (!subscribes.includes(type)) continue
    const document = shop.stores[service as ReactingName].all().find(one => one.subject === orderId)
    claim(document?.inbox[id] !== undefined, `${service} never got ${type} ${id}`, orderId)
  }
}
