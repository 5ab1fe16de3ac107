import { memoryLedger } from '../../../local/providers/ledger.ts'
import { simulatedCarrier } from '../../../local/providers/simulated-carrier.ts'
import { simulatedPaymentProvider } from '../../../local/providers/simulated-payment.ts'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import { Sku } from '../../../services/contract/ids.ts'
import type { Reservation } from '../../../services/inventory/domain.ts'
import { askStock } from '../../../services/inventory/perform.ts'
import { inventoryService } from '../../../services/inventory/reactions.ts'
import { lotWriter } from '../../../services/inventory/stock/lot-writer.ts'
import { memoryStockStore } from '../../../services/inventory/stock/memory-store.ts'
import { sweepStock } from '../../../services/inventory/stock/sweep.ts'
import { askProvider } from '../../../services/payment/perform.ts'
import { paymentService } from '../../../services/payment/reactions.ts'
import { reactingServices } from '../../../services/reacting-services.ts'
import { type ReactingName, reactingNames } from '../../../services/registry.ts'
import { askCarrier } from '../../../services/shipping/perform.ts'
import { shippingService } from '../../../services/shipping/reactions.ts'
import { waits } from '../../../shared/messaging/topology/names.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { Random } from '../../../shared/runtime/random.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import { load, type SagaContext } from '../../../shared/saga/context.ts'
import type { Reaction } from '../../../shared/saga/define/reaction.ts'
import type { Service } from '../../../shared/saga/define/service.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { type Engine, startEngine } from '../../../shared/saga/engine.ts'
import { memoryDoneCache, memoryStore } from '../../../shared/storage/memory/store.ts'
import { answerWithin } from '../../support/answer-within.ts'
import { inLots } from '../../support/lots.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { simulatedBroker } from './broker.ts'
import {
  simulatedCache,
  simulatedCarrierPort,
  simulatedPaymentPort,
  simulatedStore,
  type Watch,
} from './ports.ts'
import { type Owner, openSchedule, type Schedule } from './schedule.ts'
import { type Remembered, simulatedStock } from './stock-port.ts'

/** One process of one service. */
export type Instance = Owner & {
  readonly service: ReactingName
  readonly slot: number
  readonly engine: Engine<unknown>
  /** What its timers would begin, by name. */
  readonly sweeps: Map<string, () => Promise<unknown>>
  /** What it knows of the stock. */
  readonly remembered: Remembered
}

export const epoch = Date.UTC(2030, 0, 1)
export const deadlineMs = 600_000
export const stockSweepAgeMs = 30_000
const patienceMs = 100
/** The largest quantity of a line that is drawn. */
const spareUnits = 2
const callTimeoutMs = 10_000
const topology = shopTopology()
const ladder = { delays: waits, maxAttempts: 3 }

export type Ill = {
  /** `service|event id`: its handler fails for good until it is fixed. */
  readonly poisoned: Set<string>
  /** `service|event id`: how many more processes it takes down. */
  readonly killers: Map<string, number>
  /** All that ever were one or the other. */
  readonly everIll: Set<string>
  /** Until when (ms) the store of a service takes no writes. */
  readonly refusing: Map<string, number>
  diskLost: boolean
}

/** The world of one schedule: what is durable, what is outside, and the instances that run. */
export type Shop = ReturnType<typeof openShop>

export const openShop = (scenario: Scenario, sometimes: Map<string, number>) => {
  const schedule = openSchedule({ fine: scenario.fine, start: epoch })
  schedule.state.turns = scenario.salt ?? 0
  const hit = (what: string) => void sometimes.set(what, (sometimes.get(what) ?? 0) + 1)
  const broker = simulatedBroker(schedule, topology, hit)
  const world: Owner = { name: 'outside', alive: true }
  const clock = schedule.clockOf(world)
  const stores = eachService(() => memoryStore<unknown>({ keep: asItIs }))
  const caches = eachService(() => memoryDoneCache())
  const stock = memoryStockStore({ keep: asItIs })
  const fell: Instance[] = []
  const start = (service: ReactingName, slot: number): Instance => {
    const instance = startInstance(shop, service, slot)
    shop.instances = [...shop.instances.filter(one => one.service !== service || one.slot !== slot), instance]
    return instance
  }
  /** Ends it like a SIGKILL: nothing goes on, what was unanswered comes again. */
  const crash = (instance: Owner): void => {
    schedule.kill(instance)
    broker.drop(instance, { forGood: true })
    fell.push(instance as Instance)
  }
  const seeded = async () => {
    const put = ([name, units]: [string, number]) =>
      inLots(stock, { sku: Sku.parse(name), units, lotSize: scenario.lotSize })
    await Promise.all(Object.entries(scenario.stock).map(put))
  }
  // One literal without spreads: made field by field it would cost more than all it is used for.
  const shop = {
    epoch,
    scenario,
    schedule,
    broker,
    hit,
    world,
    stores,
    caches,
    stock,
    payment: simulatedPaymentProvider({ clock, ledger: memoryLedger() }),
    carrier: simulatedCarrier({ clock, ledger: memoryLedger() }),
    ill: {
      poisoned: new Set(),
      killers: new Map(),
      everIll: new Set(),
      refusing: new Map(),
      diskLost: false,
    } as Ill,
    noted: new Map<string, Set<string>>(),
    sweptAt: new Map<string, number>(),
    instances: [] as Instance[],
    fell,
    watch: undefined as Watch | undefined,
    alarm: undefined as Error | undefined,
    start,
    crash,
    seeded,
  }
  return shop
}

const asItIs = <T>(value: T): T => value

const eachService = <T>(make: () => T): Record<ReactingName, T> =>
  Object.fromEntries(reactingNames.map(name => [name, make()])) as Record<ReactingName, T>

const watchOf = ({ watch }: Shop): Watch => {
  if (!watch) throw new Error('nobody watches')
  return watch
}

const startInstance = (shop: Shop, service: ReactingName, slot: number): Instance => {
  const { schedule } = shop
  const watch = watchOf(shop)
  const sweeps = new Map<string, () => Promise<unknown>>()
  const owner = {
    name: `${service}/${slot + 1}`,
    alive: true,
    service,
    slot,
    sweeps,
    remembered: new Map(),
    engine: undefined as never as Engine<unknown>,
  }
  const clock = schedule.clockOf(owner)
  const random = countingRandom(schedule)
  const stock = simulatedStock(schedule, owner, shop.stock, watch, owner.remembered)
  const shelf = lotWriter(stock, random, { room: shop.scenario.room ?? 8, defer: schedule.defer(owner) })
  const definition = withIllness(shop, owner, service, serviceOf(shop, owner, service, shelf, clock))
  const engine = startEngine<unknown>({
    service: definition,
    clock,
    random,
    log: logOf(shop, owner),
    prefetch: shop.scenario.prefetch,
    retryPolicy: ladder,
    broker: shop.broker.for(owner),
    store: simulatedStore(schedule, owner, service, refusingStore(shop, service), watch),
    done: simulatedCache(schedule, owner, service, shop.caches[service], watch, shop.noted),
    batchLimits: { limit: 8, inFlight: 1 },
    defer: schedule.defer(owner),
    periodically: (_, name, __, task) => {
      sweeps.set(name, task)
      return { soon: () => {}, stop: async () => {} }
    },
  })
  if (service === 'inventory') sweeps.set('stock', () => sweepHeld(engine.context, stock, shelf, clock))
  owner.engine = engine
  return owner
}

/** Every write fails while the store refuses writes; reads do not. */
const refusingStore = ({ stores, ill, schedule, hit }: Shop, service: ReactingName): Store<unknown> => {
  const store = stores[service]
  const refused = () => {
    if (schedule.state.now >= (ill.refusing.get(service) ?? 0)) return
    hit('a write was refused')
    throw new SagaError('store-unavailable', 'writes are refused')
  }
  return {
    ...store,
    commit: async (...write) => {
      refused()
      return store.commit(...write)
    },
    clearUnsent: async (...marks) => {
      refused()
      return store.clearUnsent(...marks)
    },
    tryWrite: async () => refused(),
  }
}

/** As the inventory's program does it. */
const sweepHeld = (
  context: SagaContext<unknown>,
  store: ReturnType<typeof simulatedStock>,
  shelf: ReturnType<typeof lotWriter>,
  clock: Clock,
) => {
  const orderOf = async (orderId: Parameters<typeof load>[1]) => {
    const { version, token, state } = await load(context as SagaContext<Reservation>, orderId)
    return version === 0 ? undefined : { token, open: state.status !== 'closed' }
  }
  return sweepStock({ store, lotWriter: shelf, orderOf, olderThanMs: stockSweepAgeMs, clock })
}

const serviceOf = (
  shop: Shop,
  owner: Owner,
  service: ReactingName,
  shelf: ReturnType<typeof lotWriter>,
  clock: Clock,
): Service => {
  const { schedule } = shop
  const watch = watchOf(shop)
  switch (service) {
    case 'inventory':
      return inventoryService(askStock(shelf, clock, spareUnits)) as Service
    case 'payment': {
      const port = simulatedPaymentPort(
        schedule,
        owner,
        withTimeout(schedule.clockOf(owner), shop.payment),
        watch,
      )
      return paymentService(askProvider(port), patienceMs) as Service
    }
    case 'shipping':
      return shippingService(
        askCarrier(simulatedCarrierPort(schedule, owner, shop.carrier, watch)),
        patienceMs,
      ) as Service
    default:
      return reactingServices.find(({ name }) => name === service) as Service
  }
}

const withTimeout = (clock: Clock, provider: Shop['payment']) => {
  const patience = { who: 'the payment provider', timeoutMs: callTimeoutMs, clock }
  return {
    charge: (call: Parameters<typeof provider.charge>[0]) =>
      answerWithin(patience, () => provider.charge(call)),
    refund: (call: Parameters<typeof provider.refund>[0]) =>
      answerWithin(patience, () => provider.refund(call)),
  }
}

/** The service's own table, in which some events fail for good or take the process down, as a bug would. */
const withIllness = (
  { ill, crash, hit }: Shop,
  owner: Owner,
  name: ReactingName,
  service: Service,
): Service => ({
  ...service,
  reactions: service.reactions.map(
    (reaction): Reaction<unknown> => ({
      ...reaction,
      decide: (state, event) => {
        const id = `${name}|${(event as { id: string }).id}`
        const here = `${owner.name}|${(event as { id: string }).id}`
        if (ill.poisoned.has(id) || ill.poisoned.has(here))
          throw new SagaError('event-invalid', id, { retry: 'never' })
        const left = ill.killers.get(id) ?? 0
        if (left > 0) {
          ill.killers.set(id, left - 1)
          hit('killed by an event')
          crash(owner)
          throw new Error('the process is gone')
        }
        return reaction.decide(state, event)
      },
    }),
  ),
})

/** Ids that nobody has twice, and the same in every run. */
const countingRandom = (schedule: Schedule): Random => ({
  int: below => seededRandom(schedule.state.turns++).int(below),
  id: () => String(schedule.state.turns++).padStart(26, '0'),
})

const logOf = ({ hit, schedule }: Shop, owner: Owner): Log => {
  const say = (message: string, fields?: Record<string, unknown>) => {
    hit(`log: ${message}`)
    schedule.say(() => `${owner.name}: says "${message}" ${JSON.stringify(fields ?? {})}`)
  }
  return { info: say, warn: say, error: say }
}
