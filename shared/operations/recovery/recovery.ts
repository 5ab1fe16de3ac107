import type { Saga } from '../../contract/saga.ts'
import type { Publisher } from '../../messaging/broker.ts'
import type { ReadSpan } from '../../messaging/journal.ts'
import type { BrowseQueue } from '../../messaging/queue-browser.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import { reportOf } from '../../runtime/error-report.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { Gauges } from '../topology/gauges.ts'
import type { TopologyItem } from '../topology/plan.ts'
import { drainUnrouted } from './drain-unrouted.ts'
import { type Gap, gapsOf, mergedGaps, subscriptionsOf } from './gaps.ts'
import { sendMissed } from './send-missed.ts'
import type { Sender } from './send-paced.ts'

/**
 * With what messages are sent again, as a user who may read the journal and what no inbox took, and write to
 * every inbox.
 */
export type RecoveryOptions = {
  readonly saga: Saga
  readonly declared: Definitions
  readonly browseQueue: BrowseQueue
  readonly readSpan: ReadSpan
  readonly publisher: () => Publisher
  readonly clock: Clock
  readonly gauges: Gauges
  readonly log: Log
  /** Aborting it ends the sending after the burst in hand. */
  readonly signal: AbortSignal
}

/** Brings to the inboxes what they missed while something between a publisher and them was missing. */
export type Recovery = {
  /** Hears what a look that began at `lookedAt` (ms) found missing, before it is declared again. */
  missed(missing: readonly TopologyItem[], lookedAt: number): void
  /**
   * After such a look has declared everything: sends again what was missed, and of the `unrouted` messages
   * (undefined: nobody knows how many) those that somebody hears. Never throws: what could not be sent is
   * tried again after the next look.
   */
  recover(unrouted: number | undefined, lookedAt: number): Promise<void>
}

/** The clock of the broker may be behind ours by so much. */
const marginMs = 10_000
/**
 * How far back a first look sends again what it finds was missing; what is older, its service sends again at
 * its deadline.
 */
const firstSpanMs = 10 * 60_000

type State = {
  /** When the last look began after which everything was in place (ms). */
  wholeAt: number | undefined
  /** What is still to be sent again. */
  gaps: readonly Gap[]
}

/** One per broker; its looks follow one another. */
export const recovery = (options: RecoveryOptions): Recovery => {
  const state: State = { wholeAt: undefined, gaps: [] }
  return {
    missed: (missing, lookedAt) => {
      const since = (state.wholeAt ?? lookedAt - firstSpanMs) - marginMs
      state.gaps = mergedGaps([
        ...state.gaps,
        ...gapsOf(options.saga.names, options.declared, missing, since),
      ])
    },
    recover: async (unrouted, lookedAt) => {
      state.wholeAt = lookedAt
      if (unrouted !== 0 || state.gaps.length > 0) await sendAll(options, state)
      options.gauges.set('choreo_recovery_pending', state.gaps.length)
    },
  }
}

const sendAll = async (options: RecoveryOptions, state: State): Promise<void> => {
  const { clock, signal, log } = options
  const publisher = options.publisher()
  const sender = { publisher, clock, signal }
  const attempt = (what: string, work: Promise<void>) =>
    work.catch(error => logFailure(log, `${what} could not be sent again`, reportOf(error)))
  await attempt('what no inbox took', drain(options, sender))
  if (state.gaps.length > 0) await attempt('what inboxes missed', fill(options, state, sender))
  await publisher.close(1_000)
}

const drain = async (options: RecoveryOptions, sender: Sender): Promise<void> => {
  const { saga, browseQueue, declared, gauges, log } = options
  const heard = new Set([...subscriptionsOf(saga.names, declared).values()].flatMap(types => [...types]))
  const count = await drainUnrouted(saga.names, { ...sender, browseQueue }, heard)
  if (count === 0) return
  log.warn('sent again what no inbox took', { count })
  gauges.add('choreo_unrouted_drained_total', count)
}

const fill = async (options: RecoveryOptions, state: State, sender: Sender): Promise<void> => {
  const { saga, readSpan, gauges, log, signal } = options
  const counts = await sendMissed(saga, { ...sender, readSpan }, state.gaps)
  for (const [inbox, count] of counts) {
    if (count > 0) log.warn('sent again from the journal', { queue: inbox, count })
    gauges.add('choreo_journal_resent_total', count)
  }
  if (!signal.aborted) state.gaps = []
}
