import type { Used } from '../measure/observe.ts'
import type { Latency } from '../quantiles.ts'
import type { PeerName } from '../systems/peers.ts'
import type { HttpContender } from '../systems/system.ts'

export type Contender = HttpContender | PeerName

/** How a run was loaded: so many requests under way, or so many orders offered a second. */
export type Loop = { readonly callers: number } | { readonly perSecond: number }

/** What one run found, as it goes into the raw results. */
export type Run = {
  readonly contender: Contender
  /** A workload of `workloads.ts`, or a trial such as `overload`. */
  readonly trial: string
  readonly loop: Loop
  readonly store: string
  /** Orders that were accepted and have ended. */
  readonly orders: number
  readonly refused: number
  readonly refusedWithoutHint: number
  readonly failed: number
  /** From the first submission until the last end. */
  readonly seconds: number
  readonly ordersPerSecond: number
  readonly acceptedPerSecond: number
  readonly submitMs?: Latency
  readonly toEndMs?: Latency
  readonly used: Used
  readonly generatorCpuMs: number
  /** What the audit found wrong; nothing, or the measurements are void. */
  readonly offences: readonly string[]
  /** What only this kind of trial measures. */
  readonly extra?: Readonly<Record<string, number>>
}
