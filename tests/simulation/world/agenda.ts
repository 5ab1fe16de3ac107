import type { Reservation } from '../../../services/inventory/domain.ts'
import { type ReactingName, reactingNames } from '../../../services/registry.ts'
import { deadLettersOf } from '../../../shared/messaging/topology/names.ts'
import { replayAll } from './operator.ts'
import type { Owner, Step } from './schedule.ts'
import { type Instance, type Shop, stockSweepAgeMs } from './shop.ts'

/** Something that time brings. `repair` when only an order past its deadline would ask for it. */
type Item = { readonly at: number; readonly repair: boolean; readonly steps: () => Step[] }

const unsentAgeMs = 5_000

/**
 * What happens when nothing else can: the clock moves to the next timer, sweep or replay, and no further.
 * Empty when time would bring nothing any more. Where several instances could do it, each is a choice.
 */
export const nextOnAgenda = (shop: Shop, operator: { current: Owner }): Item | undefined => {
  const items: Item[] = [
    ...timerItems(shop),
    ...dueItems(shop),
    ...unsentItems(shop),
    ...heldItems(shop),
    ...replayItems(shop, operator),
  ]
  return items.reduce<Item | undefined>(
    (first, item) => (!first || item.at < first.at ? item : first),
    undefined,
  )
}

const timerItems = ({ schedule }: Shop): Item[] => {
  const timer = schedule.nextTimer()
  return timer ? [{ at: timer.due, repair: false, steps: () => [timer] }] : []
}

const dueItems = (shop: Shop): Item[] =>
  reactingNames.flatMap(service =>
    shop.stores[service].all().flatMap(({ due, intent }) =>
      due === undefined
        ? []
        : [
            {
              at: notBefore(shop, service, 'due', due),
              repair: intent?.due === undefined,
              steps: () => sweeps(shop, service, 'due'),
            },
          ],
    ),
  )

const unsentItems = (shop: Shop): Item[] =>
  reactingNames.flatMap(service =>
    shop.stores[service].all().flatMap(({ events, unsent }) =>
      events
        .filter(({ id }) => unsent.includes(id))
        .map(({ at }) => ({
          at: notBefore(shop, service, 'unsent', Date.parse(at) + unsentAgeMs),
          repair: false,
          steps: () => sweeps(shop, service, 'unsent'),
        })),
    ),
  )

/**
 * Holds that nobody will come back to; those of open orders are left alone here, for time changes nothing
 * about them.
 */
const heldItems = (shop: Shop): Item[] => {
  const documents = new Map(
    shop.stores.inventory.all().map(document => [document.subject as string, document]),
  )
  const stale = shop.stock.all().flatMap(({ holds }) =>
    Object.entries(holds).flatMap(([orderId, { token, at }]) => {
      const document = documents.get(orderId)
      const isOpen = document && (document.state as Reservation).status !== 'closed'
      return isOpen && document.token === token ? [] : [at + stockSweepAgeMs]
    }),
  )
  if (stale.length === 0) return []
  return [
    {
      at: notBefore(shop, 'inventory', 'stock', Math.min(...stale)),
      repair: false,
      steps: () => sweeps(shop, 'inventory', 'stock'),
    },
  ]
}

const sweeps = (shop: Shop, service: ReactingName, name: string): Step[] =>
  shop.instances
    .filter(one => one.service === service && one.alive)
    .map(instance => ({
      owner: instance,
      key: instance.name,
      text: () => `${instance.name}: sweeps: ${name}`,
      run: () => begin(shop, instance, name),
    }))

/** A sweep comes again this long after it began, whatever it found. */
const pauseMs: Readonly<Record<string, number>> = { due: 1_000, unsent: 5_000, stock: 15_000 }

const notBefore = ({ sweptAt }: Shop, service: string, name: string, at: number) =>
  Math.max(at, (sweptAt.get(`${service} ${name}`) ?? 0) + (pauseMs[name] ?? 0))

const begin = ({ schedule, sweptAt }: Shop, instance: Instance, name: string): void => {
  sweptAt.set(`${instance.service} ${name}`, schedule.state.now)
  instance.sweeps
    .get(name)?.()
    .catch(() => {})
}

const replayItems = (shop: Shop, operator: { current: Owner }): Item[] => {
  const waiting = reactingNames.flatMap(service => shop.broker.find(deadLettersOf(service)).ready)
  if (waiting.length === 0) return []
  const at = Math.max(shop.schedule.state.now + 1_000, shop.epoch + shop.scenario.replayAfter)
  const run = () => {
    shop.ill.poisoned.clear()
    shop.ill.killers.clear()
    operator.current = { name: 'operator', alive: true }
    replayAll(shop, operator.current).catch(() => {})
  }
  const step = {
    owner: shop.world,
    key: 'operator',
    run,
    text: () => 'the operator fixes the cause and replays the dead letters',
  }
  return [{ at, repair: false, steps: () => [step] }]
}
