import {
  consequencesOf,
  descendantsOf,
  type Flow,
  hearersOf,
  ownerOf,
  type Row,
  saying,
  undoneBy,
} from './flow.ts'
import { waysBack } from './way-back.ts'

/** What has to hold for every choreography, rule by rule. */
export const ruleSentences = {
  unheard: 'every event is heard by somebody, or is declared to end an order',
  unsaid: 'every event is said by somebody, and nobody waits for one that is not',
  'not-owner': 'only its owner says an event, and undoes it',
  unknown: 'every event that a table names is in the contract',
  cycle: 'no event leads back to itself',
  compensation: 'from every failure, what may be done is undone by who did it, and then the order ends',
} as const

export type RuleName = keyof typeof ruleSentences

/** Something that is wrong with a choreography, found without running it. */
export type Finding = { readonly rule: RuleName; readonly what: string }

/** Everything that is wrong with the flow; empty when it holds. Pure. */
export const checkFlow = (flow: Flow): readonly Finding[] =>
  (Object.keys(checks) as RuleName[]).flatMap(rule => checks[rule](flow).map(what => ({ rule, what })))

const checks: Readonly<Record<RuleName, (flow: Flow) => readonly string[]>> = {
  unheard: flow =>
    flow.events
      .filter(({ type, terminal }) => !terminal && hearersOf(flow, type).length === 0)
      .map(({ type }) => `nobody hears ${type}, and it is not declared terminal`),
  unsaid: flow => [
    ...flow.rows
      .filter(({ hears }) => hears !== undefined && saying(flow, hears).length === 0)
      .map(({ service, hears }) => `${service} waits for ${hears}, which nobody says`),
    ...flow.events
      .filter(({ type }) => saying(flow, type).length === 0)
      .map(({ type, owner }) => `${owner} owns ${type} and never says it`),
  ],
  'not-owner': flow =>
    flow.rows.flatMap(row => [
      ...strangers(flow, row, Object.keys(row.says)).map(ownedElsewhere(flow, `${row.service} says`)),
      ...strangers(flow, row, undoneIn(row)).map(ownedElsewhere(flow, `${row.service} undoes`)),
    ]),
  unknown: flow =>
    flow.rows.flatMap(row =>
      [...(row.hears === undefined ? [] : [row.hears]), ...Object.keys(row.says), ...undoneIn(row)]
        .filter(type => !isEvent(flow, type))
        .map(type => `${row.service} names ${type}, which is no event`),
    ),
  cycle: flow =>
    flow.events
      .filter(({ type }) => descendantsOf(flow, [type]).has(type))
      .map(({ type }) => `${type} leads back to itself, through ${consequencesOf(flow, type).join(' or ')}`),
  compensation: flow => waysBack(flow).flatMap(({ missing }) => missing),
}

const isEvent = ({ events }: Flow, type: string) => events.some(event => event.type === type)

/** Of these events those that another service owns. */
const strangers = (flow: Flow, { service }: Row, types: readonly string[]) =>
  types.filter(type => isEvent(flow, type) && ownerOf(flow, type) !== service)

const ownedElsewhere = (flow: Flow, does: string) => (type: string) =>
  `${does} ${type}, which ${ownerOf(flow, type)} owns`

const undoneIn = ({ says }: Row): string[] => Object.values(says).flatMap(meaning => undoneBy(meaning) ?? [])
