import { type Clock, within } from '../time/clock.ts'

/** Something that has to hold while the service is ready, such as a connection. */
export type Check = {
  readonly name: string
  ok(): boolean | Promise<boolean>
  /** What is asked over HTTP is answered without it: only work on messages needs it. */
  readonly forMessages?: boolean
}

/** The names of the checks that do not hold. One that takes longer than `ms`, or throws, does not. */
export const failing = async (checks: readonly Check[], clock: Clock, ms: number): Promise<string[]> => {
  const held = await Promise.all(checks.map(check => holds(check, clock, ms)))
  return checks.filter((_, i) => !held[i]).map(({ name }) => name)
}

const holds = async (check: Check, clock: Clock, ms: number): Promise<boolean> => {
  const work = Promise.resolve()
    .then(() => check.ok())
    .catch(() => false)
  const first = await within(clock, ms, work)
  return first !== 'late' && first.value
}
