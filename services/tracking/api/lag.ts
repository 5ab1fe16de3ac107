/** How far behind the journal an answer may be: everything up to `asOf` (RFC 3339) is in it. */
export type Lag = { readonly asOf: string | null; readonly lagSeconds: number }

/**
 * Up to when the read model is complete (ms), if it ever was, and how long ago that is at `now`; else since
 * the start. Pure.
 */
export const lagOf = (now: number, completeAt: number | undefined, startedAt: number): Lag => ({
  asOf: completeAt === undefined ? null : new Date(completeAt).toISOString(),
  lagSeconds: Math.max(0, now - (completeAt ?? startedAt)) / 1_000,
})
