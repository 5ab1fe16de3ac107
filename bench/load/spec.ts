import type { Latency } from '../quantiles.ts'
import type { WorkloadName } from '../workloads.ts'

/** The public APIs of a system. */
export type Urls = readonly [string, ...string[]]

/** What the generator is given: one JSON object as its only argument. */
export type LoadSpec = {
  /** Its calls go to each of them in turn. */
  readonly urls: Urls
  readonly workload: WorkloadName
  /** The number of the first order, so that a run goes on where the last one ended. */
  readonly from: number
  /**
   * Closed loop: so many requests are always under way. Open loop: so many orders a second, whatever becomes
   * of them.
   */
  readonly loop: { readonly callers: number } | { readonly perSecond: number }
  /**
   * Orders are submitted for so long, or until a file of this name is there, and at most `orders` of them.
   */
  readonly seconds: number
  readonly orders?: number
  readonly stopFile?: string
  /** Of every how many orders the way to the end is watched. */
  readonly watchEvery: number
  /** How long the last order may take to its end after the last submission, in seconds. */
  readonly settleSeconds: number
  /** False when it does not wait for the ends. */
  readonly awaitEnds: boolean
  /** Where the result goes. */
  readonly out: string
}

/** One accepted order: its number, its id, what it costs (cents), and instants in ms since the epoch. */
export type Accepted = {
  readonly n: number
  readonly orderId: string
  readonly total: number
  readonly acceptedAt: number
  readonly cancelAskedAt?: number
}

/**
 * One watched order: when it was meant to be sent (ms since the begin), and how long it took to its end (ms).
 */
export type Watched = { readonly due: number; readonly took: number }

/** What the generator found. */
export type LoadResult = {
  readonly beganAt: number
  readonly accepted: readonly Accepted[]
  readonly refused: number
  /** Of the refused: those whose answer did not contain when to come back. */
  readonly refusedWithoutHint: number
  readonly failed: number
  readonly acceptedSeconds: number
  /** From the first submission until nothing was open any more. */
  readonly endedSeconds: number
  readonly stillOpen: boolean
  readonly submitMs: Latency | undefined
  readonly watched: readonly Watched[]
  /** CPU of the generator itself from its first submission on, in ms. */
  readonly cpuMs: number
}
