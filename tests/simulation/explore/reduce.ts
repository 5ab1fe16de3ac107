import { inboxOf } from '../../../shared/messaging/topology/names.ts'
import type { Customer } from '../world/clients.ts'
import type { Fault } from '../world/faults.ts'
import { DeliveryStep, hasRoom } from '../world/queues.ts'
import type { Step } from '../world/schedule.ts'
import type { Instance, Shop } from '../world/shop.ts'

/**
 * The choices that make a difference now (partial order reduction). What only one instance could notice is
 * done at once, whatever others do meanwhile would commute with it; of messages that are alike one is handed
 * out; and a fault comes right before the step that it befalls, for until then nobody could tell. For scopes
 * of one instance per service whose only faults have a target.
 */
export const choicesNow = (
  shop: Shop,
  customers: readonly Customer[],
  left: ReadonlyMap<string, number>,
  steps: readonly Step[],
  faults: readonly Fault[],
): number[] => {
  const mayDie = (left.get('crash') ?? 0) > 0
  const alone = steps.findIndex(step => (!mayDie && isUnnoticed(step)) || isAlone(shop, customers, step))
  const taken = alone >= 0 ? [alone] : distinct(steps)
  const befalling = taken.flatMap(i => faultsOf(steps[i], faults))
  return [...taken, ...new Set(befalling)]
}

/**
 * What no other work of the same process reads or writes, while each handles one message at a time: what was
 * published, noted and acknowledged so far only makes a difference to a process that may still die in
 * between.
 */
const unnoticed: readonly string[] = ['isDone', 'markDone', 'ack', 'publish']
const isUnnoticed = (step: Step): boolean => 'port' in step && unnoticed.includes(String(step.port))

/**
 * Nothing else is under way in its process, and nothing new can come to it: a step of anybody else commutes
 * with it.
 */
const isAlone = (shop: Shop, customers: readonly Customer[], step: Step): boolean => {
  const instance = shop.instances.find(one => one === step.owner)
  if (!instance) return shop.fell.some(({ name }) => name === step.key)
  if (step instanceof DeliveryStep) return false
  return isOnlyCallOf(shop, instance) && !isOpen(shop, instance) && !mayBeAsked(customers, instance)
}

const isOnlyCallOf = ({ schedule }: Shop, instance: Instance) =>
  schedule.state.parked.filter(({ owner }) => owner === instance).length === 1

const isOpen = ({ broker }: Shop, instance: Instance) =>
  broker
    .find(inboxOf(instance.service))
    .consumers.some(consumer => consumer.owner === instance && hasRoom(consumer))

/** Customers come to the use cases of the order service, and to nobody else. */
const mayBeAsked = (customers: readonly Customer[], { service }: Instance): boolean =>
  service === 'order' &&
  customers.some(
    ({ plan, placing, wanted, cancelled, orderId }) =>
      orderId === undefined ||
      placing.filter(({ state }) => state === 'answered').length < wanted ||
      (plan.cancelFrom !== undefined && cancelled === undefined),
  )

const distinct = (steps: readonly Step[]): number[] => {
  const seen = new Set<string>()
  return [...steps.keys()].filter(i => {
    const step = steps[i]
    if (!(step instanceof DeliveryStep)) return true
    const { headers } = step.held.message
    const alike = JSON.stringify([step.text(), step.held.returns, headers])
    if (seen.has(alike)) return false
    seen.add(alike)
    return true
  })
}

const faultsOf = (step: Step | undefined, faults: readonly Fault[]): number[] => {
  const targets: unknown[] = [step, step?.owner, step instanceof DeliveryStep ? step.held : undefined]
  return faults.flatMap(({ target }, i) => (target !== undefined && targets.includes(target) ? [-1 - i] : []))
}
