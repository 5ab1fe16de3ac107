import type { Consumer } from '../../messaging/broker.ts'
import { reportOf } from '../../runtime/error-report.ts'
import { backoff, type Random } from '../../runtime/random.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'

export type PauseOptions = {
  readonly queue: string
  /** How many messages may be out at once when all is well. */
  readonly prefetch: number
  /**
   * Resolves when the dependencies that work needs are back: it must prove what work needs, writes included.
   */
  readonly probe: () => Promise<unknown>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Stops a consumer while a dependency is away, and starts it again when work is done once more. */
export type Pause = {
  /**
   * For work that is held: pauses, and resolves with true when it may try again, with false when the inbox
   * drains first.
   */
  over(): Promise<boolean>
  /** Something was settled. */
  worked(): void
  now(): boolean
  /** Takes nothing new from now on; resolves when the broker agreed. */
  close(): Promise<void>
}

/** Everything that is held waits for this, and all of it tries again at once. */
type Round = { readonly ended: Promise<boolean>; readonly end: (again: boolean) => void }

type State = {
  readonly consumer: Consumer
  readonly options: PauseOptions
  readonly stop: AbortController
  round: Round
  /** How much is held in this round. */
  held: number
  /** Rounds since something was settled: a probe that succeeds is less than work that does. */
  failures: number
  running: boolean
}

const pace = { base: 500, cap: 5_000 }
const lookEveryMs = 250

export const pauseOf = (consumer: Consumer, options: PauseOptions): Pause => {
  const state: State = {
    ...{ consumer, options, stop: new AbortController(), round: newRound() },
    ...{ held: 0, failures: 0, running: false },
  }
  return {
    over: () => {
      if (state.stop.signal.aborted) return Promise.resolve(false)
      state.held += 1
      if (!state.running) void run(state)
      return state.round.ended
    },
    worked: () => {
      state.failures = 0
    },
    now: () => state.running,
    close: () => {
      state.stop.abort()
      state.round.end(false)
      return consumer.pause()
    },
  }
}

const newRound = (): Round => {
  let end: Round['end'] = () => {}
  const ended = new Promise<boolean>(resolve => {
    end = resolve
  })
  return { ended, end }
}

const run = async (state: State): Promise<void> => {
  const { consumer, options, stop } = state
  const { queue, clock, log } = options
  state.running = true
  log.warn('consuming pauses until the dependency is back', { queue })
  await consumer.pause()
  while (!stop.signal.aborted && !(await isOver(state)));
  state.running = false
  if (stop.signal.aborted) return
  consumer.resume()
  // The broker may be away as well, and then nothing goes on yet.
  while (!consumer.consuming && !stop.signal.aborted && !state.running)
    await sleep(clock, lookEveryMs, stop.signal)
  if (consumer.consuming) log.info('consuming goes on', { queue })
}

/**
 * Waits, probes, and lets what is held try again when the probe succeeds. Over is the pause when new messages
 * may come: not while a whole prefetch is held, or each round would add to it for as long as the probe
 * succeeds and the work does not.
 */
const isOver = async (state: State): Promise<boolean> => {
  const { clock, random, prefetch } = state.options
  await sleep(clock, backoff(random, state.failures, pace), state.stop.signal)
  state.failures += 1
  if (state.stop.signal.aborted || !(await isWell(state.options))) return false
  const { round, held } = state
  Object.assign(state, { round: newRound(), held: 0 })
  round.end(true)
  return held < prefetch
}

const isWell = async ({ probe, log }: PauseOptions): Promise<boolean> => {
  try {
    await probe()
    return true
  } catch (error) {
    logFailure(log, 'the dependency is still away', reportOf(error))
    return false
  }
}
