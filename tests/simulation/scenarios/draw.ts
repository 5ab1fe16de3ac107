import type { OrderPlan } from './scenario.ts'

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

/** What chance gives. */
export type Draw = {
  readonly below: (n: number) => number
  readonly chance: (percent: number) => boolean
  readonly of: <T>(...values: T[]) => T
}

/** Orders of every kind. */
export const drawOrders = (draw: Draw, count: number): OrderPlan[] =>
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

/** Orders of every kind but for what the plan says of all of them. */
export const ordersLike = (draw: Draw, count: number, plan: Partial<OrderPlan>): OrderPlan[] =>
  drawOrders(draw, count).map(order => ({ ...order, ...plan }))
