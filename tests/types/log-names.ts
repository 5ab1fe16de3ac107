// Checked by the compiler alone: each line below a `@ts-expect-error` must not compile.
import type { Log } from '../../shared/runtime/telemetry/log.ts'

/** One name for one thing in every line of a log. */
export const sayings = (log: Log): void => {
  log.warn('parked', { orderId: 'ord_1', eventId: 'ord_1:order:1', eventType: 'order.placed', attempt: 1 })
  // @ts-expect-error an order is `orderId`
  log.warn('parked', { order: 'ord_1' })
  // @ts-expect-error an event is `eventId`
  log.warn('parked', { event: 'ord_1:order:1' })
  // @ts-expect-error why is `code`
  log.warn('parked', { why: 'TypeError' })
  // @ts-expect-error fields are flat
  log.warn('parked', { error: { code: 'TypeError' } })
}
