import type { FaultKind, OrderPlan, Scenario } from '../scenarios/scenario.ts'
import { type Found, replay } from './explore.ts'
import { choicesNow } from './reduce.ts'
import { play } from './run.ts'
import { deviations } from './shrink.ts'
import { describe, stateOf } from './state.ts'
import { Seen, type Tape } from './strategies.ts'

/** A scope that is small enough to be explored to its end. */
export type Scope = { readonly name: string; readonly scenario: Scenario }

const order = (plan: Partial<OrderPlan> = {}): OrderPlan => ({
  ...{ token: 'tok_approve', lines: [{ sku: 'SKU-0', quantity: 1 }], refusedByCarrier: false, twice: false },
  ...plan,
})

const scope = (
  name: string,
  orders: OrderPlan[],
  faults: Partial<Record<FaultKind, number>> = {},
): Scope => ({
  name,
  scenario: {
    ...{ orders, faults, stock: { 'SKU-0': 1 }, lotSize: 1, instances: 1, prefetch: 1, fine: false },
    ...{ killsEach: 1, replayAfter: 60_000 },
  },
})

export const scopes: readonly Scope[] = [
  scope('one order', [order()]),
  scope('one order that is declined', [order({ token: 'tok_decline' })]),
  scope('one order and one duplicate', [order()], { duplicate: 1 }),
  scope('one order and one crash', [order()], { crash: 1 }),
  scope('one order and one lost answer', [order()], { 'lose-reply': 1 }),
  scope('one order and one cancel', [order({ cancelFrom: 0 })]),
]

export type Explored = {
  readonly scope: Scope
  /** Of those where something could be chosen. */
  readonly states: number
  readonly schedules: number
  readonly seconds: number
  readonly complete: boolean
  readonly found: Found | undefined
}

/** A way that is still to be taken: the choices that lead there, last one first. */
type Way = { readonly choice: number; readonly before: Way | undefined }

const tapeOf = (way: Way | undefined): number[] => {
  const tape: number[] = []
  for (let one = way; one; one = one.before) tape.push(one.choice)
  return tape.reverse()
}

/**
 * Takes every choice in every state of the scope, what differs least from the plain order first; a state that
 * was seen is not entered again.
 */
export const exploreAll = async (one: Scope, limitMs: number): Promise<Explored> => {
  const seen = new Set<string>()
  const open: (Way | undefined)[] = [undefined]
  const started = performance.now()
  let schedules = 0
  const sofar = () => ({
    scope: one,
    states: seen.size,
    schedules,
    seconds: (performance.now() - started) / 1_000,
  })
  while (schedules < open.length && performance.now() - started < limitMs) {
    const violation = await follow(one.scenario, open[schedules], seen, open)
    schedules += 1
    if (violation) return { ...sofar(), complete: false, found: violation }
    if (schedules % 100 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  return { ...sofar(), complete: schedules === open.length, found: undefined }
}

const follow = async (
  scenario: Scenario,
  from: Way | undefined,
  seen: Set<string>,
  open: (Way | undefined)[],
) => {
  const tape = tapeOf(from)
  let place = 0
  let way = from
  const result = await play(scenario, () => 0, {
    choose: (shop, customers, left, steps, faults) => {
      const given = tape[place++]
      if (given !== undefined) return given
      const [first = 0, ...others] = choicesNow(shop, customers, left, steps, faults())
      // Where there is no choice, nobody else can have come from elsewhere without having passed the state
      // before.
      if (others.length > 0) enter(stateOf(shop, customers, left), seen)
      for (const choice of others.reverse()) open.push({ choice, before: way })
      way = { choice: first, before: way }
      return first
    },
    onStep: describe,
  })
  return result.violation && foundBy(scenario, result.violation, result.tape)
}

const enter = (state: string, seen: Set<string>): void => {
  if (seen.has(state)) throw new Seen()
  seen.add(state)
}

const foundBy = (scenario: Scenario, violation: Error, tape: Tape): Found => ({
  ...{ violation: violation.message, seed: 0, scenario, tape, deviations: deviations(tape) },
})

export { replay }
