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
  'sweep-stock',
  'poison',
  'poison-one',
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
  /** The only service that faults befall; undefined: any. */
  readonly aim?: string
  /** Where the random numbers of its services begin; 0 unless given. */
  readonly salt?: number
  /** How often a killer event takes its process down before it is mended. */
  readonly killsEach: number
  /** How long dead letters lie before their cause is mended and they are replayed (ms). */
  readonly replayAfter: number
}

const tokens = [
  'tok_approve',
  'tok_approve',
  'tok_approve',
  'tok_decline',
  'tok_flaky_1',
  'tok_flaky_2',
  'tok_timeout',
  'tok_slow',
]

/** Most schedules have one order: what goes wrong nearly always does so within one, and a large world costs as much as several small ones. */
const orderCounts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3]

type Draw = {
  readonly below: (n: number) => number
  readonly chance: (percent: number) => boolean
  readonly of: <T>(...values: T[]) => T
}

/** A scenario drawn from a seed: small, because few orders, instances and faults are enough to go wrong. */
export const drawScenario = (seed: number): Scenario => {
  const random = seededRandom(seed)
  const draw: Draw = {
    below: random.int,
    chance: percent => random.int(100) < percent,
    of: <T>(...values: T[]): T => values[random.int(values.length)] as T,
  }
  const anything = drawAnything(draw)
  if (draw.chance(40)) return { ...anything, ...draw.of(...recipes)(draw) }
  return draw.chance(50) ? { ...anything, ...drawPlain(draw) } : anything
}

/** One order, one of each service, and one thing that goes wrong: the smallest world that can. */
const drawPlain = (draw: Draw): Partial<Scenario> => ({
  orders: drawOrders(draw, 1),
  instances: 1,
  faults: { [draw.of(...faultKinds)]: 1 },
})

const drawAnything = (draw: Draw): Scenario => ({
  orders: drawOrders(draw, draw.of(...orderCounts)),
  stock: { 'SKU-0': draw.of(1, 2, 4, 8), 'SKU-1': draw.of(1, 3) },
  lotSize: draw.of(1, 2, 8),
  instances: draw.of(1, 2),
  prefetch: draw.of(1, 4),
  fine: draw.chance(4),
  faults: drawFaults(draw),
  ...(draw.chance(30) && { aim: draw.of('order', 'inventory', 'payment', 'shipping') }),
  salt: draw.below(1_000),
  killsEach: draw.of(1, 2, 3, 4, 4, 1_000),
  replayAfter: draw.of(60_000, 60_000, 60_000, 60_000, 60_000, 200_000_000),
})

const drawOrders = (draw: Draw, count: number): OrderPlan[] =>
  Array.from({ length: count }, () => ({
    token: draw.of(...tokens),
    lines: draw.chance(70)
      ? [{ sku: 'SKU-0', quantity: 1 + draw.below(2) }]
      : [
          { sku: 'SKU-1', quantity: 1 },
          { sku: 'SKU-0', quantity: 1 + draw.below(2) },
        ],
    refusedByCarrier: draw.chance(15),
    ...(draw.chance(45) && { cancelFrom: draw.below(90) }),
    twice: draw.chance(5),
  }))

const drawFaults = ({ below, chance }: Draw): Scenario['faults'] => {
  if (chance(15)) return {}
  const kinds = Array.from({ length: 1 + below(3) }, () => faultKinds[below(faultKinds.length)] as FaultKind)
  return Object.fromEntries(kinds.map(kind => [kind, 1 + below(2)]))
}

const orders = (draw: Draw, count: number, plan: Partial<OrderPlan>): OrderPlan[] =>
  drawOrders(draw, count).map(order => ({ ...order, ...plan }))

/** Mixtures that rarely come by chance and go wrong in their own way. */
const recipes: readonly ((draw: Draw) => Partial<Scenario>)[] = [
  // Several executors of one order at its stock.
  draw => ({
    orders: orders(draw, draw.of(1, 1, 1, 2), { refusedByCarrier: false }),
    stock: { 'SKU-0': draw.of(2, 3), 'SKU-1': draw.of(1, 2) },
    lotSize: draw.of(1, 8, 8),
    instances: 2,
    faults: {
      duplicate: 2,
      'cut-connection': draw.of(0, 1),
      'sweep-now': draw.of(0, 1, 2),
      'lose-reply': draw.of(0, 1),
    },
  }),
  // What lies dead, and its replay.
  draw => ({
    orders: orders(draw, 1, { token: 'tok_approve' }),
    faults: {
      poison: 1,
      crash: draw.of(0, 1, 2),
      duplicate: draw.of(0, 1, 2),
      'lose-reply': draw.of(0, 1),
      'fail-call': draw.of(0, 1),
    },
    instances: draw.of(1, 2),
  }),
  // A bug that only one of two instances has, and copies that meet the other.
  draw => ({
    orders: orders(draw, 1, { token: 'tok_approve' }),
    instances: 2,
    faults: { 'poison-one': 1, duplicate: 2, 'lose-reply': draw.of(0, 1) },
  }),
  // The last unit: one attempt finds none, the next finds what another order gave back.
  draw => ({
    orders: [
      ...orders(draw, 1, { token: 'tok_decline', lines: [{ sku: 'SKU-0', quantity: 1 }], twice: false }),
      ...orders(draw, 1, { token: 'tok_approve', refusedByCarrier: false, twice: false }),
    ],
    stock: { 'SKU-0': draw.of(1, 2, 3), 'SKU-1': 1 },
    lotSize: draw.of(1, 1, 8),
    instances: 2,
    faults: { duplicate: 2, 'sweep-now': draw.of(0, 0, 2), 'lose-reply': draw.of(0, 1) },
  }),
  // Two executors of one order over several lots, while the stock is swept.
  draw => ({
    orders: orders(draw, 1, {
      ...{ token: 'tok_approve', refusedByCarrier: false, twice: false },
      lines: [{ sku: 'SKU-0', quantity: draw.of(1, 1, 2) }],
    }),
    stock: { 'SKU-0': draw.of(2, 3), 'SKU-1': 1 },
    ...{ lotSize: draw.of(1, 1, 8), instances: 2, prefetch: 1, aim: 'inventory' },
    faults: { 'cut-connection': draw.of(1, 1, 2), 'sweep-stock': draw.of(0, 1, 2) },
  }),
  // The last unit comes back while one of two executors gives up.
  draw => ({
    orders: [
      ...orders(draw, 1, {
        ...{ token: draw.of('tok_approve', 'tok_decline'), twice: false },
        ...{ cancelFrom: draw.below(30), lines: [{ sku: 'SKU-0', quantity: 1 }] },
      }),
      ...orders(draw, 1, {
        ...{ token: 'tok_approve', refusedByCarrier: false, twice: false },
        lines: [{ sku: 'SKU-0', quantity: 1 }],
      }),
    ],
    stock: { 'SKU-0': 1, 'SKU-1': 1 },
    ...{ lotSize: 8, instances: 2, prefetch: 4, aim: 'inventory' },
    faults: { 'cut-connection': draw.of(1, 2) },
  }),
  // A message that kills, in company.
  draw => ({
    orders: orders(draw, draw.of(2, 3), { token: 'tok_approve' }),
    prefetch: 4,
    faults: { killer: draw.of(1, 2) },
    killsEach: draw.of(3, 3, 4, 4, 1_000),
  }),
  // Slow calls that lose their message or their process.
  draw => ({
    orders: orders(draw, 1, { token: draw.of('tok_slow', 'tok_timeout', 'tok_flaky_2') }),
    instances: draw.of(1, 2),
    faults: {
      'time-passes': draw.of(1, 2),
      crash: draw.of(0, 1),
      'lose-reply': draw.of(0, 1),
      'fail-call': draw.of(0, 1),
      duplicate: draw.of(0, 1),
    },
  }),
  // A process that dies at any instruction: also between an effect and its answer.
  draw => ({
    orders: orders(draw, 1, { refusedByCarrier: draw.chance(40) }),
    instances: 1,
    fine: true,
    faults: { crash: draw.of(1, 2, 3) },
  }),
  // Waiting copies that are lost on their way.
  draw => ({
    orders: orders(draw, 1, { token: draw.of('tok_slow', 'tok_flaky_1'), cancelFrom: draw.below(40) }),
    faults: { crash: draw.of(1, 2), 'fail-call': draw.of(1, 2), 'lose-reply': draw.of(0, 1) },
  }),
]
