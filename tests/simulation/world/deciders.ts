import type { OrderId } from '../../../services/contract/ids.ts'
import type { Resolution } from '../../../shared/saga/define/manual-answer.ts'
import { type ResolutionOutcome, resolve } from '../../../shared/saga/process/resolve.ts'
import { Violation } from '../checks/violation.ts'
import type { Step } from './schedule.ts'
import type { Instance, Shop } from './shop.ts'

/** An operator who ends stuck refunds by a decision: the same one again until it is answered. */
export type Decider = {
  readonly name: string
  /** The orders that it was answered about. */
  readonly done: Set<string>
  /** The decision under way, and the instance that was asked. */
  asked: { readonly order: string; readonly at: Instance } | undefined
  /** The orders that it has ever asked about: it goes on until it is answered. */
  readonly begun: Set<string>
}

export const decidersOf = (count: number): Decider[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ name: `operator ${n + 1}`, done: new Set<string>(), asked: undefined, begun: new Set<string>() },
  }))

/** What operators may decide next. */
export const deciderSteps = (shop: Shop, deciders: readonly Decider[], into: Step[]): void => {
  if (deciders.length === 0) return
  const instances = shop.instances.filter(one => one.service === 'payment' && one.alive)
  for (const decider of deciders.filter(({ asked }) => !asked?.at.alive))
    for (const { subject, stuckSince } of shop.stores.payment.all())
      if (mayAsk(shop, decider, subject, stuckSince))
        for (const at of instances) into.push(stepOf(shop, decider, subject, at))
}

const mayAsk = (shop: Shop, { begun, done }: Decider, order: OrderId, stuckSince: number | undefined) =>
  !done.has(order) && (begun.has(order) || (stuckSince !== undefined && isTime(shop, order, stuckSince)))

/** Who is late decides while a refund is under way, or after a minute in which none was. */
const isTime = ({ schedule, scenario }: Shop, order: string, stuckSince: number): boolean =>
  scenario.decideLate !== true ||
  schedule.state.now - stuckSince >= 60_000 ||
  schedule.state.parked.some(({ port, key }) => port === 'refund' && key.endsWith(`|${order}`))

const stepOf = (shop: Shop, decider: Decider, order: OrderId, at: Instance): Step => ({
  owner: shop.world,
  key: decider.name,
  text: () => `${decider.name} decides at ${at.name} that the money is back`,
  run: () => decide(shop, decider, order, at),
})

const decide = (shop: Shop, decider: Decider, order: OrderId, at: Instance): void => {
  if (decider.begun.has(order)) shop.hit('a decision was repeated')
  decider.begun.add(order)
  decider.asked = { order, at }
  const decision = { answer: 'refunded', by: decider.name, why: 'refused', outside: 'transfer' }
  resolve(at.engine.context, order, decision).then(
    outcome => {
      decider.asked = undefined
      decider.done.add(order)
      shop.hit(`decision ${outcome}`)
      checkAnswer(shop, order, decision, outcome)
    },
    () => {
      decider.asked = undefined
    },
  )
}

/** Who is answered that it is decided has the decision on record, and nobody else has. */
const checkAnswer = (shop: Shop, order: OrderId, { by }: Resolution, outcome: ResolutionOutcome): void => {
  const document = shop.stores.payment.all().find(one => one.subject === order)
  const note = document?.events.find(({ type }) => type === 'payment.resolved')
  const isOwn = (note?.data as Resolution | undefined)?.by === by
  if ((outcome === 'resolved') !== isOwn) shop.alarm ??= new Violation(`${by} was answered ${outcome}`, order)
}
