import { createHash } from 'node:crypto'
import { reactingNames } from '../../../services/registry.ts'
import type { Customer } from '../world/clients.ts'
import type { Step } from '../world/schedule.ts'
import type { Instance, Shop } from '../world/shop.ts'

/**
 * Tells whether two schedules have led to the same state: all that is durable, under way or waiting is part
 * of it. What an instance has in its memory cannot be seen, but follows from what it was told since it was
 * last idle, and with what it could read then.
 */
export const stateOf = (
  shop: Shop,
  customers: readonly Customer[],
  left: ReadonlyMap<string, number>,
): string => {
  const hash = createHash('sha1')
  const add = (value: unknown) => void hash.update(JSON.stringify(value)).update('\n')
  add(durableOf(shop))
  for (const { ready, consumers } of shop.broker.queues.values())
    add([
      ready.map(heldOf).sort(),
      consumers.map(({ life, wanted, owner }) => [owner.name, wanted, [...life.out].map(heldOf).sort()]),
    ])
  const { now, parked, timers } = shop.schedule.state
  add([
    now,
    parked.map(one => [one.stage, one.text()]).sort(),
    timers.map(one => [one.due, one.text()]).sort(),
  ])
  add(
    shop.instances.map(one => [
      one.name,
      one.alive,
      isIdle(shop, one, customers) ? '' : (told(shop).get(one) ?? ''),
      [...one.remembered].sort(),
    ]),
  )
  add([shop.fell.map(({ name }) => name).sort(), [...left], [...shop.ill.poisoned], [...shop.ill.killers]])
  add(
    customers.map(({ placing, cancelling, cancelled, orderId }) => [
      orderId,
      cancelled,
      cancelling?.state,
      placing.map(({ state, at }) => [state, at.name, at.alive]),
    ]),
  )
  return hash.digest('base64')
}

const heldOf = ({
  message,
  returns,
}: {
  message: { messageId: string; headers?: object }
  returns: number
}): string => JSON.stringify([message.messageId, message.headers, returns])

const durableOf = (shop: Shop) => [
  reactingNames.map(service => documentsOf(shop, service)),
  lotsOf(shop),
  shop.payment.entries().map(({ key }) => key),
  shop.carrier.entries().map(({ key }) => key),
  reactingNames.map(service => noted(shop, service)),
]

// What is stored is frozen, so its text is made once.
const texts = new WeakMap<object, string>()
const textOf = (value: object): string => {
  const text = texts.get(value) ?? createHash('sha1').update(JSON.stringify(value)).digest('base64')
  texts.set(value, text)
  return text
}
const documentsOf = (shop: Shop, service: Instance['service']) => shop.stores[service].all().map(textOf)
const lotsOf = (shop: Shop) => shop.stock.all().map(textOf)

/** What Redis knows; its port does not list it. */
const noted = (shop: Shop, service: string) => [...(shop.noted.get(service) ?? [])].sort()

const memory = new WeakMap<Shop, WeakMap<Instance, string>>()
const told = (shop: Shop) => {
  const known = memory.get(shop) ?? new WeakMap<Instance, string>()
  memory.set(shop, known)
  return known
}

/** Remembers that an instance is told something now. */
export const describe = (shop: Shop, step: Step, customers: readonly Customer[]): void => {
  for (const instance of shop.instances) {
    const concerned = step.owner === instance || step.text().includes(instance.name)
    if (!concerned) continue
    const before = isIdle(shop, instance, customers) ? '' : (told(shop).get(instance) ?? '')
    const known = [
      before,
      step.text(),
      documentsOf(shop, instance.service),
      noted(shop, instance.service),
      instance.service === 'inventory' ? lotsOf(shop) : [],
    ]
    told(shop).set(instance, createHash('sha1').update(JSON.stringify(known)).digest('base64'))
  }
}

/** With nothing under way in it, an instance is as good as new, but for what it remembers of the stock. */
const isIdle = (shop: Shop, instance: Instance, customers: readonly Customer[]): boolean =>
  !shop.schedule.state.parked.some(({ owner }) => owner === instance) &&
  !shop.schedule.state.timers.some(({ owner }) => owner === instance) &&
  ![...shop.broker.queues.values()].some(({ consumers }) =>
    consumers.some(({ owner, life }) => owner === instance && life.out.size > 0),
  ) &&
  !customers.some(({ placing, cancelling }) =>
    [...placing, ...(cancelling ? [cancelling] : [])].some(
      ({ at, state }) => at === instance && state === 'open',
    ),
  )
