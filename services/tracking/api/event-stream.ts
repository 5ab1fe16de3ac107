import { reportOf } from '../../../shared/runtime/error-report.ts'
import { logFailure } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { TrackedOrder } from '../domain.ts'
import type { Entry } from '../entry.ts'
import type { OrderWatchers } from './order-watchers.ts'

/** What streams of events are made from. */
export type EventStreamOptions = {
  /** The order as it is kept now. @throws SagaError `store-unavailable` */
  readonly load: (orderId: string) => Promise<TrackedOrder | undefined>
  readonly news: OrderWatchers
  readonly log: Log
  /**
   * After this long without news a comment goes out (ms), so that nothing in between takes the connection for
   * dead.
   */
  readonly heartbeatMs: number
  /** Ends the stream. */
  readonly signal: AbortSignal
}

const comeBackMs = 2_000

/**
 * Everything that the journal has of an order as server-sent events (HTML, section 9.2), each once and in the
 * order of the journal, beginning after `lastEventId` when that is known, until the order is settled: then an
 * event `end` is the last. An order that is not in the journal yet is waited for.
 */
export async function* eventStream(
  { load, news, log, heartbeatMs, signal }: EventStreamOptions,
  orderId: string,
  lastEventId: string | undefined,
): AsyncGenerator<string, void> {
  const watch = news.watch(orderId)
  let sent: Set<string> | undefined
  try {
    yield `retry: ${comeBackMs}\n\n`
    while (!signal.aborted) {
      const order = await load(orderId).catch(
        error => void logFailure(log, 'a stream waits', reportOf(error), { orderId }),
      )
      // Where the client is can be found once the order can be read.
      if (order) sent ??= new Set(upTo(order, lastEventId).map(({ id }) => id))
      if (order && sent) yield* unsent(order, sent)
      if (order?.settled) return yield endOf(order)
      if ((await watch.next(heartbeatMs, signal)) === 'quiet') yield ': still here\n\n'
    }
  } finally {
    watch.end()
  }
}

function* unsent({ entries }: TrackedOrder, sent: Set<string>): Generator<string, void> {
  for (const entry of entries) {
    if (sent.has(entry.id)) continue
    sent.add(entry.id)
    yield eventOf(entry)
  }
}

/** True when the client has everything and there will be nothing more. */
export const isOver = (order: TrackedOrder | undefined, lastEventId: string | undefined): boolean =>
  order?.settled === true && lastEventId !== undefined && order.entries.at(-1)?.id === lastEventId

const upTo = ({ entries }: TrackedOrder, lastEventId: string | undefined): readonly Entry[] =>
  entries.slice(0, entries.findIndex(({ id }) => id === lastEventId) + 1)

const eventOf = (entry: Entry): string =>
  `id: ${entry.id}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`

// Without an id, so that who comes back after it is known to have everything.
const endOf = ({ orderId, status }: TrackedOrder): string =>
  `event: end\ndata: ${JSON.stringify({ orderId, status })}\n\n`
