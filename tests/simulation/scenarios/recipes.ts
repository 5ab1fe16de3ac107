import { type Draw, ordersLike } from './draw.ts'
import type { Scenario } from './scenario.ts'

/** A mixture that rarely comes by chance and goes wrong in its own way. */
type Recipe = (draw: Draw) => Partial<Scenario>

/** Several executors of one order at its stock. */
const severalExecutors: Recipe = draw => ({
  orders: ordersLike(draw, draw.of(1, 1, 1, 2), { refusedByCarrier: false }),
  stock: { 'SKU-0': draw.of(2, 3), 'SKU-1': draw.of(1, 2) },
  lotSize: draw.of(1, 8, 8),
  instances: 2,
  faults: {
    duplicate: 2,
    'cut-connection': draw.of(0, 1),
    'sweep-now': draw.of(0, 1, 2),
    'lose-reply': draw.of(0, 1),
  },
})

/** Two executors of one order at the only lot of its SKU, each in a process of its own. */
const twoExecutors: Recipe = draw => ({
  orders: ordersLike(draw, 1, {
    ...{ token: 'tok_approve', refusedByCarrier: false, twice: false },
    lines: [{ sku: 'SKU-0', quantity: draw.of(1, 2) }],
  }),
  stock: { 'SKU-0': draw.of(2, 4), 'SKU-1': 1 },
  ...{ lotSize: 8, instances: 2, prefetch: 1, aim: 'inventory' },
  faults: draw.of<Scenario['faults']>({ duplicate: 1 }, { 'cut-connection': 1 }, { duplicate: 2 }),
})

/** What lies dead, and its replay. */
const deadAndReplayed: Recipe = draw => ({
  orders: ordersLike(draw, 1, { token: 'tok_approve' }),
  faults: {
    poison: 1,
    crash: draw.of(0, 1, 2),
    duplicate: draw.of(0, 1, 2),
    'lose-reply': draw.of(0, 1),
    'fail-call': draw.of(0, 1),
  },
  instances: draw.of(1, 2),
})

/** A bug that only one of two instances has, and copies that meet the other. */
const bugOfOneInstance: Recipe = draw => ({
  orders: ordersLike(draw, 1, { token: 'tok_approve' }),
  instances: 2,
  faults: { 'poison-one': 1, duplicate: 2, 'lose-reply': draw.of(0, 1) },
})

/** Two executors of one order over several lots, while the stock is swept. */
const sweptExecutors: Recipe = draw => ({
  orders: ordersLike(draw, 1, {
    ...{ token: 'tok_approve', refusedByCarrier: false, twice: false },
    lines: [{ sku: 'SKU-0', quantity: draw.of(1, 1, 2) }],
  }),
  stock: { 'SKU-0': draw.of(2, 3), 'SKU-1': 1 },
  ...{ lotSize: draw.of(1, 8), instances: 2, prefetch: 1, aim: 'inventory' },
  faults: { 'cut-connection': draw.of(1, 1, 2), 'sweep-stock': draw.of(1, 1, 2) },
})

/**
 * The last unit of one SKU comes back while one of two executors gives up what it holds of another: soon when
 * the order that had it is declined, later when it is cancelled.
 */
const lastUnit: Recipe = draw => ({
  orders: [
    ...ordersLike(draw, 1, {
      ...{ ...draw.of({ token: 'tok_decline' }, { token: 'tok_approve', cancelFrom: draw.below(12) }) },
      ...{ twice: false, lines: [{ sku: 'SKU-1', quantity: 1 }] },
    }),
    ...ordersLike(draw, 1, {
      ...{ token: 'tok_approve', refusedByCarrier: false, twice: false },
      lines: ['SKU-0', 'SKU-1'].map(sku => ({ sku, quantity: 1 })),
    }),
  ],
  stock: { 'SKU-0': 2, 'SKU-1': 1 },
  ...{ lotSize: 8, instances: 2, prefetch: draw.of(1, 4), aim: 'inventory' },
  faults: { 'cut-connection': draw.of(1, 2) },
})

/**
 * More open holds than one lot has room for, so that units move while there are hardly more than are wanted.
 */
const crowdedLot: Recipe = draw => {
  const quantities = draw.of([1, 2], [2, 2], [1, 1, 1], [1, 1, 2], [1, 1, 3], [1, 1, 3])
  const wanted = quantities.reduce((sum, quantity) => sum + quantity, 0)
  const plan = { token: 'tok_approve', refusedByCarrier: false, twice: false }
  const order = (quantity: number) => ordersLike(draw, 1, { ...plan, lines: [{ sku: 'SKU-0', quantity }] })
  return {
    orders: quantities.flatMap(order),
    stock: { 'SKU-0': wanted + draw.of(0, 0, 1, 3), 'SKU-1': 1 },
    ...{ lotSize: 8, room: 1, instances: draw.of(1, 2, 2), prefetch: draw.of(1, 1, 4), aim: 'inventory' },
    faults: draw.of<Scenario['faults']>(
      {},
      { crash: 2 },
      { crash: 1 },
      { 'lose-reply': 1 },
      { 'fail-call': 1 },
    ),
    // A crash after a lot is added and before that is known: only where an effect and its answer are two steps.
    fine: draw.chance(50),
  }
}

/** Writes that fail while others are at the same lot. */
const lostWrites: Recipe = draw => ({
  orders: ordersLike(draw, draw.of(2, 3), { token: 'tok_approve', refusedByCarrier: false, twice: false }),
  stock: { 'SKU-0': 8, 'SKU-1': 3 },
  ...{ lotSize: 8, instances: 1, prefetch: draw.of(1, 4), aim: 'inventory' },
  faults: draw.of<Scenario['faults']>({ 'fail-call': 2 }, { 'fail-call': 3 }, { 'lose-reply': 2 }),
})

/** Two orders that want the same last units of two SKUs, and name them in either order. */
const sameLastUnits: Recipe = draw => {
  const lines = ['SKU-0', 'SKU-1'].map(sku => ({ sku, quantity: 1 }))
  const plan = { token: 'tok_approve', refusedByCarrier: false, twice: false }
  return {
    orders: [
      ...ordersLike(draw, 1, { ...plan, lines }),
      ...ordersLike(draw, 1, { ...plan, lines: lines.toReversed() }),
    ],
    stock: { 'SKU-0': 1, 'SKU-1': 1 },
    ...{ lotSize: 8, instances: draw.of(1, 2), prefetch: 4, faults: {} },
  }
}

/** A message that kills, in company. */
const killerInCompany: Recipe = draw => ({
  orders: ordersLike(draw, draw.of(2, 3), { token: 'tok_approve' }),
  prefetch: 4,
  faults: { killer: draw.of(1, 2) },
  killsEach: draw.of(3, 3, 4, 4, 1_000),
})

/** Slow calls that lose their message or their process. */
const slowCalls: Recipe = draw => ({
  orders: ordersLike(draw, 1, { token: draw.of('tok_slow', 'tok_timeout', 'tok_flaky_2') }),
  instances: draw.of(1, 2),
  faults: {
    'time-passes': draw.of(1, 2),
    crash: draw.of(0, 1),
    'lose-reply': draw.of(0, 1),
    'fail-call': draw.of(0, 1),
    duplicate: draw.of(0, 1),
  },
})

/** A process that dies at any instruction: also between an effect and its answer. */
const diesAnywhere: Recipe = draw => ({
  orders: ordersLike(draw, 1, { refusedByCarrier: draw.chance(40) }),
  instances: 1,
  fine: true,
  faults: { crash: draw.of(1, 2, 3) },
})

/** A store that is read and takes no writes for longer than all attempts take. */
const refusedWrites: Recipe = draw => ({
  orders: ordersLike(draw, draw.of(1, 1, 2), { token: draw.of('tok_approve', 'tok_decline') }),
  instances: draw.of(1, 2),
  faults: { 'refuse-writes': draw.of(1, 1, 2), crash: draw.of(0, 0, 1), 'cut-connection': draw.of(0, 0, 1) },
})

/** One service whose store fails as often as an event has attempts. */
const failingStore: Recipe = draw => ({
  orders: ordersLike(draw, 1, { token: 'tok_approve', refusedByCarrier: false, twice: false }),
  ...{ instances: 1, prefetch: 1, aim: draw.of('inventory', 'payment', 'shipping') },
  faults: { 'fail-call': draw.of(3, 4) },
})

/** Waiting copies that are lost on their way. */
const lostCopies: Recipe = draw => ({
  orders: ordersLike(draw, 1, { token: draw.of('tok_slow', 'tok_flaky_1'), cancelFrom: draw.below(40) }),
  faults: { crash: draw.of(1, 2), 'fail-call': draw.of(1, 2), 'lose-reply': draw.of(0, 1) },
})

/** As often as named: what needs several things in a row to go wrong is tried more often. */
export const recipes: readonly Recipe[] = [
  severalExecutors,
  twoExecutors,
  deadAndReplayed,
  bugOfOneInstance,
  ...[sweptExecutors, sweptExecutors, sweptExecutors, sweptExecutors, sweptExecutors, sweptExecutors],
  ...[lastUnit, lastUnit, lastUnit],
  ...[crowdedLot, crowdedLot],
  sameLastUnits,
  lostWrites,
  killerInCompany,
  slowCalls,
  ...[diesAnywhere, diesAnywhere],
  lostCopies,
  refusedWrites,
  failingStore,
]
