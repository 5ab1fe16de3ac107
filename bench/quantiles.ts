/**
 * How long something took, in milliseconds; `count` is of how many. A quantile that so few
 * cannot give is absent.
 */
export type Latency = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999?: number
  readonly max: number
}

const fewestForP999 = 1_000

/** The value below which this share of all lies (nearest rank); NaN of nothing. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

const round = (value: number) => Math.round(value * 10) / 10

/** The quantiles of these times (ms), or undefined when there are none. */
export const latencyOf = (times: readonly number[]): Latency | undefined => {
  if (times.length === 0) return undefined
  const at = (share: number) => round(quantile(times, share))
  const usual = { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) }
  return times.length < fewestForP999 ? usual : { ...usual, p999: at(0.999) }
}

/** The least, the middle and the most of several runs. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number }

/** The spread of these values; of an even number the lower middle. Undefined of none. */
export const spreadOf = (values: readonly number[]): Spread | undefined =>
  values.length === 0
    ? undefined
    : { min: Math.min(...values), median: quantile(values, 0.5), max: Math.max(...values) }
