import { bookTrips, outside, servicesWith } from '../../examples/booking/run.ts'
import { runningSaga } from '../../harness/run-saga.ts'
import { memoryBroker } from '../../shared/messaging/memory/broker.ts'
import { waits } from '../../shared/messaging/topology/names.ts'
import { topologyOf } from '../../shared/messaging/topology/topology.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { startEngine } from '../../shared/saga/engine.ts'
import { participantsOf } from '../../shared/saga/participants.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'

/** The services of the booking as they are. */
export const bookingServices: readonly Service[] = servicesWith(async () => ({ granted: true }))

/** Services whose table has lost the row of one of them for one event. */
export const withoutRow = (services: readonly Service[], service: string, type: string): readonly Service[] =>
  services.map(one =>
    one.name === service ? { ...one, reactions: one.reactions.filter(({ on }) => on.type !== type) } : one,
  )

/** Runs the example over adapters in memory, on virtual time; `change` makes other services of them. */
export const runInMemory = async (
  change: (services: readonly Service[]) => readonly Service[] = same => same,
) => {
  const clock = manualClock(Date.UTC(2030, 0, 1))
  const { kept, provider } = outside(clock)
  const services = change(servicesWith(provider))
  const saga = inMemory(services, clock)
  const told: string[] = []
  const running = bookTrips(kept)(saga, line => told.push(line))
  let over = false
  void running.finally(() => {
    over = true
  })
  await clock.runUntil(() => over, { limitMs: 120_000 })
  return { wrong: await running, told: told.join('\n') }
}

const inMemory = (services: readonly Service[], clock: ManualClock) => {
  const [first] = services
  if (!first) throw new RangeError('a saga has at least one service')
  const topology = topologyOf(first.saga.names, { participants: participantsOf(services) })
  const broker = memoryBroker({ topology, clock })
  const kernels = services.map((service, n) => {
    const ports = { clock, random: seededRandom(n), log: silentLog }
    const stores = { store: memoryStore<unknown>(), done: memoryDoneCache(), broker: broker.as(service.name) }
    const ladder = { delays: waits, maxAttempts: 3 }
    return startEngine({ ...ports, ...stores, service, retryPolicy: ladder, prefetch: 16 }).context
  })
  return { ...runningSaga(kernels), until: untilOn(clock) }
}

/** Somebody else moves the clock. */
const untilOn =
  (clock: ManualClock) =>
  async (condition: () => Promise<boolean>, ms: number): Promise<boolean> => {
    const end = clock.now() + ms
    while (!(await condition())) {
      if (clock.now() >= end) return false
      await new Promise<void>(resolve => clock.after(100, resolve))
    }
    return true
  }
