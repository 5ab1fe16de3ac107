import { checkCompensations } from './compensations.ts'
import { consequencesOf, descendantsOf, type Flow, hearersOf } from './flow.ts'

/** Something that is wrong with a choreography, found without running it. */
export type Finding = {
  readonly rule: 'unheard' | 'unsaid' | 'not-owner' | 'unknown' | 'cycle' | 'compensation'
  readonly what: string
}

/** Everything that is wrong with the flow; empty when it holds. Pure. */
export const checkFlow = (flow: Flow): readonly Finding[] => [
  ...unknown(flow),
  ...unheard(flow),
  ...unsaid(flow),
  ...notOwner(flow),
  ...cycles(flow),
  ...checkCompensations(flow).flatMap(({ missing }) =>
    missing.map(what => ({ rule: 'compensation' as const, what })),
  ),
]

const unknown = ({ rows, events }: Flow): Finding[] => {
  const types = new Set(events.map(({ type }) => type))
  const named = rows.flatMap(({ service, hears, says }) =>
    [...(hears === undefined ? [] : [hears]), ...Object.keys(says)].map(type => ({ service, type })),
  )
  return named
    .filter(({ type }) => !types.has(type))
    .map(({ service, type }) => ({ rule: 'unknown', what: `${service} names ${type}, which is no event` }))
}

const unheard = (flow: Flow): Finding[] =>
  flow.events
    .filter(({ type, terminal }) => !terminal && hearersOf(flow, type).length === 0)
    .map(({ type }) => ({
      rule: 'unheard',
      what: `nobody hears ${type}, and it is not declared terminal`,
    }))

const unsaid = ({ rows, events }: Flow): Finding[] => {
  const said = new Set(rows.flatMap(({ says }) => Object.keys(says)))
  const waiting = rows.flatMap(({ service, hears }) =>
    hears !== undefined && !said.has(hears) ? [`${service} waits for ${hears}, which nobody says`] : [],
  )
  const silent = events
    .filter(({ type }) => !said.has(type))
    .map(({ type, owner }) => `${owner} owns ${type} and never says it`)
  return [...waiting, ...silent].map(what => ({ rule: 'unsaid', what }))
}

const notOwner = ({ rows, events }: Flow): Finding[] => {
  const owners = new Map(events.map(({ type, owner }) => [type, owner]))
  return rows.flatMap(({ service, says }) =>
    Object.keys(says)
      .filter(type => owners.has(type) && owners.get(type) !== service)
      .map(type => ({
        rule: 'not-owner' as const,
        what: `${service} says ${type}, which ${owners.get(type)} owns`,
      })),
  )
}

const cycles = (flow: Flow): Finding[] =>
  flow.events
    .filter(({ type }) => descendantsOf(flow, [type]).has(type))
    .map(({ type }) => ({
      rule: 'cycle',
      what: `${type} leads back to itself, through ${consequencesOf(flow, type).join(' or ')}`,
    }))
