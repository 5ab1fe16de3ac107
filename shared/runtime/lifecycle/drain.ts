import { type ErrorReport, reportOf } from '../error-report.ts'
import { errorFields, reportFields } from '../telemetry/failure-log.ts'
import type { Log } from '../telemetry/log.ts'
import { type Clock, within } from '../time/clock.ts'

/** The part of a process that stopping needs, so that a test can stand in for it. */
export type StoppableProcess = {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown
  exit(code: number): unknown
}

/** One thing to do before the process may end, in order: stop consuming, finish, flush, close. */
export type StopStep = { readonly name: string; run(): Promise<void> | void }

/** What stopping needs; `limitMs` bounds all steps together (10 s unless set). */
export type StopOptions = { clock: Clock; log: Log; limitMs?: number }

/**
 * On SIGTERM or SIGINT runs the steps once, in order, and exits: 0 when all went well in time, else 1 with
 * the step that failed or was late in the log. An uncaught error or rejection does the same and exits 1.
 * Returns a function that stops for a reason of one's own.
 */
export const onStop = (
  target: StoppableProcess,
  steps: readonly StopStep[],
  options: StopOptions,
): ((reason: string) => Promise<void>) => {
  let exitCode = 0
  let stopping: Promise<void> | undefined
  const stop = (reason: string): Promise<void> => {
    // Ctrl-C reaches the whole process group and its supervisor sends a signal too: the second one means the
    // same.
    stopping ??= drain(steps, reason, options).then(clean => {
      target.exit(clean ? exitCode : 1)
    })
    return stopping
  }
  const crash = (kind: string) => (error: unknown) => {
    exitCode = 1
    options.log.error('a programming error, stopping', { kind, ...errorFields(error) })
    void stop(kind)
  }
  target.on('SIGTERM', () => void stop('SIGTERM'))
  target.on('SIGINT', () => void stop('SIGINT'))
  target.on('uncaughtException', crash('uncaughtException'))
  target.on('unhandledRejection', crash('unhandledRejection'))
  return stop
}

const drain = async (
  steps: readonly StopStep[],
  reason: string,
  { clock, log, limitMs = 10_000 }: StopOptions,
): Promise<boolean> => {
  const begun = clock.monotonic()
  let clean = true
  log.info('stopping', { reason, limitMs })
  for (const step of steps) {
    const from = clock.monotonic()
    const outcome = await attempt(step, clock, limitMs - (from - begun))
    const fields = { step: step.name, ms: clock.monotonic() - from }
    if (outcome === 'done') log.info('stop step done', fields)
    else
      log.error(outcome === 'late' ? 'stop step late, giving up' : 'stop step failed', {
        ...fields,
        ...outcomeFields(outcome),
      })
    if (outcome === 'late') return false
    clean &&= outcome === 'done'
  }
  return clean
}

type Outcome = 'done' | 'late' | { failed: ErrorReport }

const attempt = async (step: StopStep, clock: Clock, ms: number): Promise<Outcome> => {
  const work = Promise.resolve()
    .then(() => step.run())
    .then((): Outcome => 'done')
    .catch((error: unknown): Outcome => ({ failed: reportOf(error) }))
  const first = await within(clock, Math.max(0, ms), work)
  return first === 'late' ? 'late' : first.value
}

const outcomeFields = (outcome: Outcome) => (typeof outcome === 'object' ? reportFields(outcome.failed) : {})
