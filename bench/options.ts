import { parseArgs } from 'node:util'
import { SagaError } from '../shared/runtime/errors.ts'
import type { Contender } from './trials/run.ts'
import { workloads } from './workloads.ts'

/** What is done with `saga` besides its workloads. */
export const trialNames = ['latency-20', 'latency-100', 'overload', 'drain', 'history'] as const
export const contenders = ['naive', 'limit', 'bullmq', 'dbos', 'saga'] as const satisfies Contender[]

/** What the command line says. */
export type Options = {
  readonly quick: boolean
  readonly full: boolean
  /** True when the last line of the output is to be JSON. */
  readonly json: boolean
  readonly help: boolean
  readonly contenders: readonly Contender[]
  /** Workloads and trials, in the order in which they are done. */
  readonly trials: readonly string[]
  readonly repeats: number
  /** How long orders are submitted in one run, in seconds. */
  readonly seconds: number
  /** Requests under way in a closed loop. */
  readonly callers: number
}

export const everyTrial: readonly string[] = [...Object.keys(workloads), ...trialNames]
const quickTrials = ['order', 'latency-20', 'latency-100', 'hot', 'undo', 'overload', 'stocked']
const usual = { quick: { repeats: 1, seconds: 5 }, thorough: { repeats: 3, seconds: 15 } }
const usualCallers = 200

export const usage = `usage: npm run bench -- [--quick] [--full] [--json] [--only A,B] [--workload A,B] [--repeats N] [--seconds N] [--callers N]

Starts each contender privately, one after the other, loads it, checks its orders, ledgers and stock, and writes what it found to bench/results; when nothing was
left out or cut short also to docs/performance.md.
Exit code 0 when every run has kept its promises, 1 when not.

  --quick       within 5 minutes: one repeat, short runs, the most important workloads
  --full        the largest outage and the longest history: 50,000 waiting orders, 200,000 stored ones
  --json        the last line is one JSON object with the results of every contender
  --only        of ${contenders.join(', ')}
  --workload    of ${everyTrial.join(', ')}
  --repeats     how often everything is done (${usual.thorough.repeats} unless set)
  --seconds     how long orders are submitted in one run (${usual.thorough.seconds} unless set)
  --callers     requests under way in a closed loop (${usualCallers} unless set)
`

const wrong = (what: string, cause?: unknown) =>
  new SagaError('config-invalid', `${what}\n\n${usage}`, { retry: 'never', cause })

const parse = (args: readonly string[]) => {
  const [text, flag] = [{ type: 'string' } as const, { type: 'boolean' } as const]
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ quick: flag, full: flag, json: flag, help: flag },
        ...{ only: text, workload: text, repeats: text, seconds: text, callers: text },
      },
    }).values
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : '', cause)
  }
}

const chosen = <Name extends string>(name: string, given: string | undefined, known: readonly Name[]) => {
  if (given === undefined) return undefined
  const wanted = given.split(',').filter(Boolean)
  const unknown = wanted.find(one => !known.includes(one as Name))
  if (unknown !== undefined || wanted.length === 0)
    throw wrong(`--${name}: there is no ${unknown ?? 'name'}; there are ${known.join(', ')}`)
  return known.filter(one => wanted.includes(one))
}

const whole = (name: string, given: string | undefined, otherwise: number): number => {
  const number = Number(given ?? otherwise)
  if (Number.isInteger(number) && number > 0) return number
  throw wrong(`--${name} must be a whole number above 0`)
}

/** @throws SagaError `config-invalid` where there is no /proc */
export const requireLinux = (platform: string): void => {
  if (platform !== 'linux')
    throw new SagaError('config-invalid', 'the bench reads /proc: it needs Linux', { retry: 'never' })
}

/** The options in `args`. Pure. @throws SagaError `config-invalid` */
export const optionsOf = (args: readonly string[]): Options => {
  const { quick = false, full = false, json = false, help = false, ...given } = parse(args)
  const { repeats, seconds } = quick ? usual.quick : usual.thorough
  return {
    ...{ quick, full, json, help },
    contenders: chosen('only', given.only, contenders) ?? contenders,
    trials: chosen('workload', given.workload, everyTrial) ?? (quick ? quickTrials : everyTrial),
    repeats: whole('repeats', given.repeats, repeats),
    seconds: whole('seconds', given.seconds, seconds),
    callers: whole('callers', given.callers, usualCallers),
  }
}

/** True when nothing is left out and nothing is cut short. Pure. */
export const isWhole = ({ quick, contenders: some, trials }: Options): boolean =>
  !quick && some.length === contenders.length && trials.length === everyTrial.length
