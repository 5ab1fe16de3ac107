import { seededRandom } from '../../support/seeded-random.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { strategyFor } from './explore.ts'
import { play, type Result } from './run.ts'

/** A refund that is refused for good, operators who decide about it, and what may go wrong meanwhile. */
export const stuckScenario = (seed: number): Scenario => {
  const random = seededRandom(seed)
  const of = <T>(...values: T[]): T => values[random.int(values.length)] as T
  const order = () => ({
    // As often as makes it stuck, so that the next attempt pays; or always.
    token: of('tok_norefund_4', 'tok_norefund_5', 'tok_norefund_999999'),
    lines: [{ sku: 'SKU-0', quantity: 1 }],
    refusedByCarrier: true,
    twice: false,
  })
  return {
    orders: Array.from({ length: of(1, 1, 1, 2) }, order),
    stock: { 'SKU-0': 4, 'SKU-1': 1 },
    ...{ lotSize: 8, instances: of(1, 2), prefetch: of(1, 4), fine: of(false, true), aim: 'payment' },
    ...{ deciders: of(1, 2), decideLate: of(true, false) },
    faults: {
      crash: of(0, 1, 2),
      'lose-reply': of(0, 0, 1),
      'fail-call': of(0, 0, 1),
      'sweep-now': of(0, 1, 2, 3),
      'time-passes': of(0, 0, 1),
    },
    ...{ salt: random.int(1_000), killsEach: 1, replayAfter: 60_000 },
  }
}

/** The schedule of a seed about a stuck refund; `record` has it tell its timeline. */
export const playStuck = (seed: number, sometimes: Map<string, number>, record = false): Promise<Result> =>
  play(stuckScenario(seed), strategyFor(seed), { sometimes, record })
