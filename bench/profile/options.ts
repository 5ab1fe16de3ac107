import { parseArgs } from 'node:util'
import { SagaError } from '../../shared/runtime/errors.ts'
import { type WorkloadName, workloads } from '../workloads.ts'

/** What the command line of `npm run profile` says. */
export type ProfileOptions = {
  readonly workload: WorkloadName
  readonly seconds: number
  readonly loop: { readonly callers: number } | { readonly perSecond: number }
  readonly help: boolean
}

export const usage = `usage: npm run profile -- [--workload NAME] [--seconds N] [--callers N | --rate N]

Starts a private system, loads it, takes a CPU profile of each of its Node processes at the same time, and shows where their time went: by room
of the project and by function, as shares of the time in which the process was busy. The profiles are in bench/results/profiles.

  --workload   of ${Object.keys(workloads).join(', ')} (order unless set)
  --seconds    how long the profiles take (15 unless set)
  --callers    requests under way in a closed loop (200 unless set)
  --rate       orders offered a second instead, in an open loop
`

const refuse = (what: string, cause?: unknown) =>
  new SagaError('config-invalid', `${what}\n\n${usage}`, { retry: 'never', cause })

const parse = (args: readonly string[]) => {
  const text = { type: 'string' } as const
  const options = {
    workload: text,
    seconds: text,
    callers: text,
    rate: text,
    help: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : '', cause)
  }
}

const whole = (name: string, text: string): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw refuse(`--${name} must be a whole number above 0`)
}

/** The options in `args`. Pure. @throws SagaError `config-invalid` */
export const profileOptionsOf = (args: readonly string[]): ProfileOptions => {
  const { workload = 'order', seconds = '15', callers = '200', rate, help = false } = parse(args)
  if (!Object.hasOwn(workloads, workload)) throw refuse(`there is no workload ${workload}`)
  return {
    ...{ workload: workload as WorkloadName, seconds: whole('seconds', seconds), help },
    loop: rate === undefined ? { callers: whole('callers', callers) } : { perSecond: whole('rate', rate) },
  }
}
