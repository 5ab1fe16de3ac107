import { descendantsOf, type Flow, hearersOf, rolesOf, saidAs } from './flow.ts'

/** How one failure is undone: a sentence for each effect and for the end, and what is missing. */
export type Undoing = {
  readonly failure: string
  readonly reasoning: readonly string[]
  readonly missing: readonly string[]
}

/**
 * From every failure that can be reached: each effect that may be done by then has somebody who hears of the failure and says that it is
 * undone, and somebody who says how the saga ended hears that too. An effect that follows from a step which the failing service decides
 * itself cannot be done when that one refuses: whoever decides both is their arbiter. Pure.
 */
export const checkCompensations = (flow: Flow): readonly Undoing[] =>
  saidAs(flow, 'refusal')
    .filter(failure => !isUnasked(flow, failure))
    .map(failure => undoingOf(flow, failure))

const ownerOf = ({ events }: Flow, type: string) => events.find(event => event.type === type)?.owner ?? '?'

/** A request to turn back is no failure by itself: whoever hears it decides. */
const isUnasked = ({ rows }: Flow, type: string): boolean =>
  rows.every(({ hears, says }) => says[type] === undefined || hears === undefined)

const undoingOf = (flow: Flow, failure: string): Undoing => {
  const effects = effectsBefore(flow, failure)
  const steps = effects.map(effect => undoOf(flow, failure, effect))
  const end = endOf(
    flow,
    failure,
    steps.flatMap(({ undo }) => undo),
  )
  const all = [...steps, end]
  return {
    failure,
    reasoning: all.flatMap(({ because }) => because),
    missing: all.flatMap(({ missing }) => missing),
  }
}

/** Who starts a saga is not undone but ends it. */
const effectsBefore = (flow: Flow, failure: string): string[] => {
  const owner = ownerOf(flow, failure)
  const ends = new Set(saidAs(flow, 'end').map(type => ownerOf(flow, type)))
  const forward = saidAs(flow, 'forward').filter(type => !ends.has(ownerOf(flow, type)))
  const own = forward.filter(type => ownerOf(flow, type) === owner)
  const beyond = new Set([...own, ...descendantsOf(flow, own)])
  const anyTime = hasUnaskedCause(flow, failure)
  return forward.filter(type => !beyond.has(type) && (anyTime || descendantsOf(flow, [type]).has(failure)))
}

/** True when it may come while anything else is under way, because nobody in the saga asked for it. */
const hasUnaskedCause = (flow: Flow, failure: string): boolean =>
  flow.rows.some(
    ({ hears, says }) =>
      hears !== undefined &&
      says[failure] !== undefined &&
      rolesOf(flow, hears).has('refusal') &&
      isUnasked(flow, hears),
  )

type Step = {
  readonly undo: readonly string[]
  readonly because: readonly string[]
  readonly missing: readonly string[]
}

const undoOf = (flow: Flow, failure: string, effect: string): Step => {
  const owner = ownerOf(flow, effect)
  const heard = [failure, ...descendantsOf(flow, [failure])]
  const undo = flow.rows
    .filter(({ service, hears }) => service === owner && hears !== undefined && heard.includes(hears))
    .flatMap(({ says }) => Object.keys(says).filter(type => says[type] === 'undo'))
  if (undo.length === 0)
    return { undo, because: [], missing: [`after ${failure}, nothing of ${owner} undoes ${effect}`] }
  return {
    undo,
    because: [`${effect} may be done: ${owner} hears of it and says ${orOf(undo)}`],
    missing: [],
  }
}

const endOf = (flow: Flow, failure: string, undone: readonly string[]): Step => {
  const ends = saidAs(flow, 'end')
  const enders = new Set(ends.map(type => ownerOf(flow, type)))
  const reached = [...descendantsOf(flow, [failure])].filter(type => ends.includes(type))
  const deaf = undone.filter(type => !hearersOf(flow, type).some(service => enders.has(service)))
  const missing = [
    ...(reached.length === 0 ? [`${failure} leads to no end`] : []),
    ...deaf.map(type => `nobody who ends the saga hears ${type}`),
  ]
  return { undo: [], because: reached.length === 0 ? [] : [`the end is ${orOf(reached)}`], missing }
}

const orOf = (types: readonly string[]) => [...new Set(types)].sort().join(' or ')
