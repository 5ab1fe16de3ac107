import { seededRandom } from '../given/seeded-random.ts'

export type OrderPlan = {
  readonly token: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly refusedByCarrier: boolean
  /** The step from which on its customer may ask for a cancel; undefined: never. */
  readonly cancelFrom?: number
  /** Sent twice at once, with the same Idempotency-Key. */
  readonly twice: boolean
}

/** Everything that a schedule may do besides progress, and how often at most. */
export const faultKinds = [
  'crash',
  'duplicate',
  'lose-reply',
  'fail-call',
  'wipe-cache',
  'cut-connection',
  'time-passes',
  'sweep-now',
  'poison',
  'killer',
  'deadline',
  'lose-disk',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What is given to a schedule before its first step. */
export type Scenario = {
  readonly orders: readonly OrderPlan[]
  /** Units per SKU, in lots of at most `lotSize`. */
  readonly stock: Readonly<Record<string, number>>
  readonly lotSize: number
  readonly instances: number
  readonly prefetch: number
  /** Whether calls park after their effect too. */
  readonly fine: boolean
  readonly faults: Partial<Record<FaultKind, number>>
  /** How often a killer event takes its process down before it is mended. */
  readonly killsEach: number
  /** How long dead letters lie before their cause is mended and they are replayed (ms). */
  readonly replayAfter: number
}

const tokens = ['tok_approve', 'tok_approve', 'tok_approve', 'tok_decline', 'tok_flaky_1', 'tok_flaky_2', 'tok_timeout', 'tok_slow']

/** A scenario drawn from a seed: small, because few orders, instances and faults are enough to go wrong. */
export const drawScenario = (seed: number): Scenario => {
  const random = seededRandom(seed)
  const chance = (percent: number) => random.int(100) < percent
  const of = <T>(...values: T[]): T => values[random.int(values.length)] as T
  const count = of(1, 1, 1, 2, 2, 3)
  const order = (): OrderPlan => ({
    token: of(...tokens),
    lines: chance(70)
      ? [{ sku: 'SKU-0', quantity: 1 + random.int(2) }]
      : [
          { sku: 'SKU-1', quantity: 1 },
          { sku: 'SKU-0', quantity: 1 + random.int(2) },
        ],
    refusedByCarrier: chance(15),
    ...(chance(45) && { cancelFrom: random.int(90) }),
    twice: chance(5),
  })
  return {
    orders: Array.from({ length: count }, order),
    stock: { 'SKU-0': of(1, 2, 4, 8), 'SKU-1': of(1, 3) },
    lotSize: of(1, 2, 8),
    instances: of(1, 2),
    prefetch: of(1, 4),
    fine: chance(15),
    faults: drawFaults(random.int, chance),
    killsEach: of(1, 2, 4, 1_000),
    replayAfter: of(60_000, 60_000, 200_000_000),
  }
}

const drawFaults = (below: (n: number) => number, chance: (percent: number) => boolean): Scenario['faults'] => {
  if (chance(15)) return {}
  const kinds = Array.from({ length: 1 + below(3) }, () => faultKinds[below(faultKinds.length)] as FaultKind)
  return Object.fromEntries(kinds.map(kind => [kind, 1 + below(2)]))
}
