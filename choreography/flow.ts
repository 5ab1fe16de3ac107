/** What a row's event means: a role of the reaction tables, whatever events there are. */
export type Meaning = 'forward' | 'refusal' | 'end' | `undoes ${string}`

/** One thing that a service does: on hearing an event, or unasked (over HTTP, or because time passed). */
export type Row = {
  readonly service: string
  /** The event type that it hears; undefined when nobody asked. */
  readonly hears?: string
  /** What it may say then, and what that means for the saga. */
  readonly says: Readonly<Record<string, Meaning>>
}

/** A choreography as it is declared: who does what on which event, and who owns the events. */
export type Flow = {
  readonly rows: readonly Row[]
  readonly events: readonly { readonly type: string; readonly owner: string; readonly terminal: boolean }[]
}

/** What is needed of a service to know its part. */
type Part = {
  readonly name: string
  readonly reactions: readonly { readonly on: { readonly type: string }; readonly emits: Row['says'] }[]
  readonly says?: Row['says']
}

/** The flow of a saga, by the tables of its services and the events of its definition. */
export const flowOf = ({ events }: Pick<Flow, 'events'>, services: readonly Part[]): Flow => ({
  rows: services.flatMap(({ name, reactions, says = {} }) => [
    ...Object.entries(says).map(([type, role]) => ({ service: name, says: { [type]: role } })),
    ...reactions.map(({ on, emits }) => ({ service: name, hears: on.type, says: emits })),
  ]),
  events,
})

/** What a meaning is in words. */
export const inWords = (meaning: Meaning): string => {
  const undone = undoneBy(meaning)
  return undone === undefined ? words[meaning as keyof typeof words] : `${undone} is undone`
}

const words = { forward: 'the saga goes on', refusal: 'it turns back', end: 'the order has ended' }

/** The event that is undone when something of this meaning is said. */
export const undoneBy = (meaning: Meaning): string | undefined =>
  meaning.startsWith('undoes ') ? meaning.slice('undoes '.length) : undefined

/** Who owns an event; `?` when it is none. */
export const ownerOf = ({ events }: Flow, type: string): string =>
  events.find(event => event.type === type)?.owner ?? '?'

/** The rows that hear an event. */
export const hearing = ({ rows }: Flow, type: string): readonly Row[] =>
  rows.filter(({ hears }) => hears === type)

/** The rows that may say an event. */
export const saying = ({ rows }: Flow, type: string): readonly Row[] =>
  rows.filter(({ says }) => says[type] !== undefined)

/** The services that hear an event. */
export const hearersOf = (flow: Flow, type: string): string[] =>
  hearing(flow, type).map(({ service }) => service)

/** The events that may be said because of this one, directly. */
export const consequencesOf = (flow: Flow, type: string): string[] => [
  ...new Set(hearing(flow, type).flatMap(({ says }) => Object.keys(says))),
]

/**
 * All events that may follow from these, however many steps later; nothing is looked for behind `borders`,
 * which may themselves be found.
 */
export const descendantsOf = (
  flow: Flow,
  types: readonly string[],
  borders: ReadonlySet<string> = new Set(),
): ReadonlySet<string> => {
  const found = new Set<string>()
  const open = [...types]
  for (let type = open.pop(); type !== undefined; type = open.pop())
    for (const next of borders.has(type) ? [] : consequencesOf(flow, type))
      if (!found.has(next)) {
        found.add(next)
        open.push(next)
      }
  return found
}

/** What an event means, by every row that says it. */
export const meaningsOf = (flow: Flow, type: string): ReadonlySet<Meaning> =>
  new Set(saying(flow, type).flatMap(({ says }) => says[type] ?? []))

/** The events with this meaning. */
export const saidAs = ({ rows }: Flow, meaning: Meaning): string[] => [
  ...new Set(rows.flatMap(({ says }) => Object.keys(says).filter(type => says[type] === meaning))),
]

/** The events that somebody says unasked. */
export const unasked = ({ rows }: Flow): string[] => [
  ...new Set(rows.flatMap(({ hears, says }) => (hears === undefined ? Object.keys(says) : []))),
]
