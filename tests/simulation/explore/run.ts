import { reactingNames } from '../../../services/registry.ts'
import { checkDeadLetters, checkRejections, checkRest, checkStockBalance } from '../checks/at-rest.ts'
import { Violation } from '../checks/violation.ts'
import { isUnsettled, watchOver } from '../checks/while-running.ts'
import type { FaultKind, Scenario } from '../scenarios/scenario.ts'
import { nextOnAgenda } from '../world/agenda.ts'
import { type Customer, clientSteps, customersOf } from '../world/clients.ts'
import { type Decider, deciderSteps, decidersOf } from '../world/deciders.ts'
import { type Fault, faultsNow } from '../world/faults.ts'
import { drive, type Owner, type Step } from '../world/schedule.ts'
import { openShop, type Shop } from '../world/shop.ts'
import { Seen, type Strategy, type Tape } from './strategies.ts'

export type Result = {
  readonly violation: Violation | undefined
  readonly steps: number
  readonly tape: Tape
  /** The timeline in words, when it was asked for. */
  readonly trace: readonly string[]
  /** Of all that happened, in order. */
  readonly hash: number
}

export const maxSteps = 6_000

/** A strategy that sees the whole world. */
export type Choose = (
  shop: Shop,
  customers: readonly Customer[],
  left: ReadonlyMap<FaultKind, number>,
  steps: readonly Step[],
  faults: () => readonly Fault[],
) => number

type Options = {
  readonly sometimes?: Map<string, number>
  readonly record?: boolean
  readonly choose?: Choose
  readonly onStep?: (shop: Shop, step: Step, customers: readonly Customer[]) => void
}

type Run = {
  readonly options: Options
  readonly shop: Shop
  readonly customers: readonly Customer[]
  readonly deciders: readonly Decider[]
  readonly left: Map<FaultKind, number>
  readonly strategy: Strategy
  readonly tape: number[]
  readonly operator: { current: Owner }
  /**
   * A late order may need help: something was lost for good, or is beyond repair until the operator comes.
   */
  mayBeLate: boolean
  steps: number
  hash: number
}

/** Plays one schedule to its end. The same scenario and choices give the same run. */
export const play = async (
  scenario: Scenario,
  strategy: Strategy,
  options: Options = {},
): Promise<Result> => {
  const { sometimes = new Map<string, number>(), record = false } = options
  const shop = openShop(scenario, sometimes)
  const run: Run = {
    options,
    ...{
      shop,
      customers: customersOf(shop),
      deciders: decidersOf(scenario.deciders ?? 0),
      strategy,
      tape: [],
      steps: 0,
      hash: 0x811c9dc5,
      mayBeLate: false,
    },
    left: new Map(Object.entries(scenario.faults) as [FaultKind, number][]),
    operator: { current: { name: 'operator', alive: true } },
  }
  shop.watch = watchOver(shop)
  if (record) shop.schedule.record()
  const violation = await toEnd(run)
  return { violation, steps: run.steps, tape: run.tape, trace: shop.schedule.trace(), hash: run.hash >>> 0 }
}

const toEnd = async (run: Run): Promise<Violation | undefined> => {
  const { shop } = run
  try {
    await shop.seeded()
    for (let slot = 0; slot < shop.scenario.instances; slot++)
      for (const service of reactingNames) shop.start(service, slot)
    await drive(() => advance(run))
    return undefined
  } catch (error) {
    if (error instanceof Seen) return undefined
    if (error instanceof Violation) return error
    return new Violation(`the harness: ${error instanceof Error ? error.stack : error}`)
  }
}

/** One step, when all promises have settled; false at the end. */
const advance = (run: Run): boolean => {
  const { shop } = run
  if (shop.alarm) throw shop.alarm
  if (shop.schedule.runDeferred()) return true
  if (run.steps >= maxSteps) throw new Violation('it never comes to rest')
  const steps = stepsNow(run)
  if (steps.length > 0) return take(run, steps)
  return rest(run)
}

const stepsNow = ({ shop, customers, deciders, steps }: Run): Step[] => {
  const found: Step[] = shop.schedule.state.parked.slice()
  shop.broker.deliveries(found)
  clientSteps(shop, customers, steps, found)
  deciderSteps(shop, deciders, found)
  for (const gone of shop.fell) found.push(restart(shop, gone))
  return found
}

const restart = (shop: Shop, gone: Shop['fell'][number]): Step => ({
  owner: shop.world,
  key: gone.name,
  text: () => `${gone.name} starts again`,
  run: () => {
    shop.fell.splice(shop.fell.indexOf(gone), 1)
    const instance = shop.start(gone.service, gone.slot)
    for (const task of instance.sweeps.values()) task().catch(() => {})
  },
})

const take = (run: Run, steps: readonly Step[]): boolean => {
  const { shop, strategy, left } = run
  const faults = () => faultsNow(shop, left)
  const count = () => faults().length
  const { choose } = run.options
  const choice = choose ? choose(shop, run.customers, left, steps, faults) : strategy(steps, count)
  if (choice < 0) {
    const possible = faults()
    const fault = possible[(-choice - 1) % Math.max(1, possible.length)]
    if (fault) return go(run, choice, `!! ${fault.kind}`, fault)
  }
  const index = Math.max(0, choice) % steps.length
  const step = steps[index]
  if (step) run.options.onStep?.(shop, step, run.customers)
  return step ? go(run, index, '', step) : false
}

const go = (run: Run, choice: number, mark: string, step: { run(): void; text(): string }): boolean => {
  const { shop } = run
  run.steps += 1
  run.tape.push(choice)
  run.hash = Math.imul(run.hash ^ (choice + 7), 0x01000193)
  if (
    mark.startsWith('!! poison') ||
    mark === '!! killer' ||
    mark === '!! lose-disk' ||
    mark === '!! deadline'
  )
    run.mayBeLate = true
  shop.schedule.say(() => `${mark ? `${mark}: ` : ''}${step.text()}`)
  step.run()
  return true
}

/** Nothing can happen by itself: the end, or time goes on. */
const rest = (run: Run): boolean => {
  const { shop, customers, operator } = run
  checkDeadLetters(shop)
  checkStockBalance(shop)
  checkRejections(shop)
  const item = nextOnAgenda(shop, operator)
  if (!item) {
    checkRest(shop, customers)
    return false
  }
  if (item.repair && !run.mayBeLate && isUnsettled(shop)) {
    checkRest(shop, customers)
    throw new Violation('an order waits for its deadline although nothing was lost')
  }
  shop.schedule.state.now = Math.max(shop.schedule.state.now, item.at)
  const steps = item.steps()
  return steps.length > 0 && take(run, steps)
}
