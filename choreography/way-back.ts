import {
  descendantsOf,
  type Flow,
  hearing,
  ownerOf,
  type Row,
  saidAs,
  saying,
  unasked,
  undoneBy,
} from './flow.ts'

/**
 * An effect that may be done when a failure comes, and the rows that undo it then, whatever is decided on the
 * way.
 */
export type Undone = { readonly effect: string; readonly owner: string; readonly by: readonly Row[] }

/** How the saga turns back from one failure. */
export type WayBack = {
  readonly failure: string
  /** The rows that say it. */
  readonly said: readonly Row[]
  readonly undone: readonly Undone[]
  /** The rows that may end the saga then, each for the case that what it hears comes last. */
  readonly ending: readonly Row[]
  /** What is missing, in sentences; empty when it holds. */
  readonly missing: readonly string[]
}

/**
 * The ways back from all failures. For each: every effect that may be done by then, or is still under way, is
 * undone by its owner before the end, whatever is decided on the way; whoever ends the saga hears of the
 * failure or of what it leads to, and of everything that was undone, and can end it on whichever of that
 * comes last. Pure.
 */
export const waysBack = (flow: Flow): readonly WayBack[] =>
  saidAs(flow, 'refusal')
    .filter(type => !isRequest(flow, type))
    .map(failure => wayBackFrom(flow, failure))

/** Who asks for the saga to turn back does not decide it: somebody who hears of it does. */
const isRequest = (flow: Flow, type: string): boolean =>
  saying(flow, type).every(({ hears }) => hears === undefined) &&
  hearing(flow, type).some(({ says }) => Object.values(says).includes('refusal'))

const wayBackFrom = (flow: Flow, failure: string): WayBack => {
  const undone = effectsBefore(flow, failure).map(effect => ({
    ...{ effect, owner: ownerOf(flow, effect) },
    by: alongside(flow, failure, effect) ?? undoing(flow, effect, failure, new Set([failure])) ?? [],
  }))
  const heard = [failure, ...undone.flatMap(({ effect, by }) => by.flatMap(row => undosIn(row, effect)))]
  const enders = endersOf(flow)
  const ending = heard.flatMap(type => hearing(flow, type)).filter(row => enders.has(row.service))
  return {
    ...{ failure, said: saying(flow, failure), undone },
    ending: [...new Set(ending)].filter(canEnd),
    missing: [
      ...undone.filter(({ by }) => by.length === 0).map(one => notUndone(flow, failure, one)),
      ...(leadsToEnd(flow, failure, new Set([failure])) ? [] : [`${failure} leads to no end`]),
      ...[...new Set(heard.slice(1))].filter(type => !isHeardBy(flow, enders, type)).map(unheardByEnders),
      ...[...new Set(ending)].filter(row => !canEnd(row)).map(cannotEnd),
    ],
  }
}

/**
 * What may be done when the failure comes, or still be done by somebody who has not heard of it: every
 * forward step that can be reached although the saga fails here, without the steps that would have been
 * decided in its place; what starts the saga is ended, not undone.
 */
const effectsBefore = (flow: Flow, failure: string): string[] => {
  const instead = insteadOf(flow, failure)
  const starts = unasked(flow)
  const reached = descendantsOf(flow, starts, new Set([...instead, ...saidAs(flow, 'end')]))
  return saidAs(flow, 'forward').filter(
    type => reached.has(type) && !instead.includes(type) && !starts.includes(type),
  )
}

/**
 * The failure, and what is only ever said where it could be said instead: one decision, so that both are
 * never done.
 */
const insteadOf = (flow: Flow, failure: string): string[] =>
  saying(flow, failure)
    .flatMap(({ says }) => Object.keys(says))
    .filter(type => saying(flow, type).every(({ says }) => says[failure] !== undefined))

/** The rows that say the failure, if all of them undo the effect in the same decision. */
const alongside = (flow: Flow, failure: string, effect: string): readonly Row[] | undefined => {
  const rows = saying(flow, failure)
  const own = rows.every(row => row.service === ownerOf(flow, effect) && undosIn(row, effect).length > 0)
  return own ? rows : undefined
}

/**
 * The rows that undo the effect once this is heard; undefined when a decision on the way, or the end, can
 * keep them from it.
 */
const undoing = (
  flow: Flow,
  effect: string,
  heard: string,
  seen: ReadonlySet<string>,
): readonly Row[] | undefined => {
  for (const row of hearing(flow, heard)) {
    const branches = Object.keys(row.says).map(type => undoingIn(flow, effect, { row, type }, seen))
    const all = branches.flatMap(rows => rows ?? [])
    if (all.length > 0 && branches.every(rows => rows !== undefined)) return [...new Set(all)]
  }
  return undefined
}

const undoingIn = (
  flow: Flow,
  effect: string,
  { row, type }: { row: Row; type: string },
  seen: ReadonlySet<string>,
): readonly Row[] | undefined => {
  const meaning = row.says[type] ?? 'end'
  const undone = undoneBy(meaning)
  if (undone === effect && row.service === ownerOf(flow, effect)) return [row]
  if (meaning === 'end' || seen.has(type)) return undefined
  const later = undoing(flow, effect, type, new Set([...seen, type]))
  // Several things may be undone in one decision, so that another undo beside the one looked for is no other
  // way to decide.
  return later ?? (undone === undefined ? undefined : [])
}

const undosIn = ({ says }: Row, effect: string): string[] =>
  Object.keys(says).filter(type => says[type] === `undoes ${effect}`)

const canEnd = ({ says }: Row): boolean => Object.values(says).includes('end')

const endersOf = ({ rows }: Flow): ReadonlySet<string> =>
  new Set(rows.filter(canEnd).map(({ service }) => service))

const isHeardBy = (flow: Flow, services: ReadonlySet<string>, type: string): boolean =>
  hearing(flow, type).some(({ service }) => services.has(service))

/** Whether the saga ends after this, whatever is decided on the way. */
const leadsToEnd = (flow: Flow, type: string, seen: ReadonlySet<string>): boolean =>
  hearing(flow, type).some(row => {
    const next = Object.keys(row.says)
    const leads = (one: string) => !seen.has(one) && leadsToEnd(flow, one, new Set([...seen, one]))
    return canEnd(row) || (next.length > 0 && next.every(leads))
  })

const notUndone = (flow: Flow, failure: string, { effect, owner }: Undone): string => {
  const after = [failure, ...descendantsOf(flow, [failure])]
  const some = after.some(type =>
    hearing(flow, type).some(row => row.service === owner && undosIn(row, effect).length > 0),
  )
  return some
    ? `after ${failure}, ${owner} undoes ${effect} only after the end, or not whatever is decided`
    : `after ${failure}, nothing of ${owner} undoes ${effect}`
}

const unheardByEnders = (type: string) => `nobody who ends the saga hears ${type}`

const cannotEnd = ({ service, hears }: Row) =>
  `${service} cannot end the saga when ${hears} is the last that it hears`
