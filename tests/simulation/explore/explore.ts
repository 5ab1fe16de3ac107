import { seededRandom } from '../../support/seeded-random.ts'
import { drawScenario } from '../scenarios/draw-scenario.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { play, type Result } from './run.ts'
import { deviations, shrunk } from './shrink.ts'
import { pct, type Strategy, type Tape, taped, uniform } from './strategies.ts'

/** A schedule that fails, in full: it is played again from this alone. */
export type Found = {
  readonly violation: string
  readonly seed: number
  readonly scenario: Scenario
  readonly tape: Tape
  readonly deviations: number
}

/** Two schedules of three are uniform, the third is PCT. */
export const strategyFor = (seed: number): Strategy =>
  seed % 3 === 2 ? pct(seededRandom(seed + 1), 1 + (seed % 4)) : uniform(seededRandom(seed + 1))

/** The schedule of a seed. */
export const playSeed = (seed: number, sometimes: Map<string, number>): Promise<Result> =>
  play(drawScenario(seed), strategyFor(seed), { sometimes })

const kindOf = (violation: Error) => violation.message.replace(/ord_\w+/g, 'order').split('\n')[0]

/**
 * What the schedule of this seed shows, in the shortest tape that was found for it when it is to be
 * shortened.
 */
export const foundIn = async (seed: number, result: Result, shorten: boolean): Promise<Found | undefined> => {
  const { violation, tape } = result
  if (!violation) return undefined
  const scenario = drawScenario(seed)
  const told = (shown: Tape): Found => ({
    ...{ violation: violation.message.split('\n')[0] ?? '', seed, scenario },
    ...{ tape: shown, deviations: deviations(shown) },
  })
  if (!shorten) return told(tape)
  const kind = kindOf(violation)
  const fails = async (candidate: Tape) => {
    const again = await play(scenario, taped(candidate))
    return again.violation !== undefined && kindOf(again.violation) === kind
  }
  return told(await shrunk(tape, fails))
}

/** Plays a found schedule again, and tells its timeline in words. */
export const replay = ({ scenario, tape }: Pick<Found, 'scenario' | 'tape'>): Promise<Result> =>
  play(scenario, taped(tape), { record: true })
