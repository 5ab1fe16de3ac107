const leastMs = 30
const mostMs = 250
const restPerWork = 4

/**
 * How long after the start of a batch the next one may start (ms), when that one took `tookMs`. A single
 * event is shown at once, and a busy instance writes an order once for several of its events. What waits is
 * never more than a quarter of a second late. Pure.
 */
export const paceAfter = (tookMs: number): number => Math.min(mostMs, Math.max(leastMs, restPerWork * tookMs))
