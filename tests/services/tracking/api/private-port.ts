import type { OrderId } from '../../../../services/contract/ids.ts'
import { lagOf } from '../../../../services/tracking/api/lag.ts'
import { orderWatchers } from '../../../../services/tracking/api/order-watchers.ts'
import { trackingRoutes } from '../../../../services/tracking/api/routes.ts'
import { type TrackedOrder, withEntries } from '../../../../services/tracking/domain.ts'
import type { Entry } from '../../../../services/tracking/entry.ts'
import type { Generations } from '../../../../services/tracking/store/generations.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import type { ReadModel } from '../../../../services/tracking/store/read-model.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { privatePort } from '../../../../shared/runtime/http/private-port.ts'
import { silentLog } from '../../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'

/** Tracking's private port over a read model in memory that a test tells of orders. */
export type PrivatePort = {
  readonly url: string
  /** Adds entries to an order, as the journal would. */
  tell(orderId: OrderId, entries: readonly Entry[]): Promise<void>
  /** Makes every read fail from now on, or not any more. */
  storeAway(away: boolean): void
  /** Ends the streams, as a stop does. */
  endStreams(): void
  close(): Promise<void>
}

export const completeAt = Date.UTC(2030, 0, 1)

/** Opens the port; `most` streams may be open, and an idle one beats every `heartbeatMs`. */
export const openPrivatePort = async ({ most = 100, heartbeatMs = 60_000 } = {}): Promise<PrivatePort> => {
  const kept = memoryReadModels<TrackedOrder>().model('orders')
  let away = false
  const model: ReadModel<TrackedOrder> = {
    ...kept,
    load: async ids => {
      if (away) throw new SagaError('store-unavailable', 'away')
      return kept.load(ids)
    },
    list: async query => {
      if (away) throw new SagaError('store-unavailable', 'away')
      return kept.list(query)
    },
  }
  const heard = orderWatchers(systemClock)
  const closing = new AbortController()
  const generations: Generations = {
    serving: () => ({ model, follower: undefined as never }),
    asOf: () => completeAt,
    ready: () => true,
    progress: () => [{ generation: 1, serving: true, offset: 9, atEnd: true }],
    rebuild: async () => 2,
    stop: async () => {},
  }
  const serving = {
    ...{ generations, news: heard, clock: systemClock, log: silentLog, startedAt: 0 },
    ...{ closing: closing.signal, streams: { most, heartbeatMs } },
  }
  const door = privatePort({
    ...{ port: 0, checks: [], routes: trackingRoutes(serving), clock: systemClock, log: silentLog },
    details: () => lagOf(completeAt + 5_000, completeAt, 0),
  })
  const { port } = await door.listen()
  return {
    url: `http://127.0.0.1:${port}`,
    tell: async (orderId, entries) => {
      const [known] = await kept.load([orderId])
      const order = withEntries(known, orderId, entries)
      if (order && order !== known) await kept.save([order])
      heard.notify([orderId])
    },
    storeAway: now => {
      away = now
    },
    endStreams: () => closing.abort(),
    close: async () => {
      closing.abort()
      await door.close()
    },
  }
}
