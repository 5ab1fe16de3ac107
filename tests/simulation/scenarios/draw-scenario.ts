import { seededRandom } from '../../support/seeded-random.ts'
import { type Draw, drawOrders } from './draw.ts'
import { recipes } from './recipes.ts'
import { type FaultKind, faultKinds, type Scenario } from './scenario.ts'

/**
 * Most schedules have one order: what goes wrong nearly always does so within one, and a large world costs as
 * much as several small ones.
 */
const orderCounts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3]

/** A scenario drawn from a seed: small, because few orders, instances and faults are enough to go wrong. */
export const drawScenario = (seed: number): Scenario => {
  const random = seededRandom(seed)
  const draw: Draw = {
    below: random.int,
    chance: percent => random.int(100) < percent,
    of: <T>(...values: T[]): T => values[random.int(values.length)] as T,
  }
  const anything = drawAnything(draw)
  if (draw.chance(50)) return { ...anything, ...draw.of(...recipes)(draw) }
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

const drawFaults = ({ below, chance }: Draw): Scenario['faults'] => {
  if (chance(15)) return {}
  const kinds = Array.from({ length: 1 + below(3) }, () => faultKinds[below(faultKinds.length)] as FaultKind)
  return Object.fromEntries(kinds.map(kind => [kind, 1 + below(2)]))
}
