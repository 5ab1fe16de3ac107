import type { Role } from '../shared/saga/reaction.ts'

/** What a role means for the saga, in words. */
export const meaningOf: Readonly<Record<Role, string>> = {
  forward: 'the saga goes on',
  refusal: 'it turns back',
  undo: 'a step was undone',
  end: 'the order has ended',
}

/** One thing that a service does: on hearing an event, or unasked (over HTTP, or because time passed). */
export type Row = {
  readonly service: string
  /** The event type that it hears; undefined when nobody asked. */
  readonly hears?: string
  /** What it may say then, and what that means for the saga. */
  readonly says: Readonly<Record<string, Role>>
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

/** The flow of these services over these events. */
export const flowOf = (services: readonly Part[], events: Flow['events']): Flow => ({
  rows: services.flatMap(({ name, reactions, says = {} }) => [
    ...Object.entries(says).map(([type, role]) => ({ service: name, says: { [type]: role } })),
    ...reactions.map(({ on, emits }) => ({ service: name, hears: on.type, says: emits })),
  ]),
  events,
})

/** The services that hear an event. */
export const hearersOf = ({ rows }: Flow, type: string): string[] =>
  rows.filter(({ hears }) => hears === type).map(({ service }) => service)

/** The events that may be said because of this one, directly. */
export const consequencesOf = ({ rows }: Flow, type: string): string[] => [
  ...new Set(rows.filter(({ hears }) => hears === type).flatMap(({ says }) => Object.keys(says))),
]

/** All events that may follow from these, however many steps later, without these themselves unless they follow too. */
export const descendantsOf = (flow: Flow, types: readonly string[]): ReadonlySet<string> => {
  const found = new Set<string>()
  const open = [...types]
  for (let type = open.pop(); type !== undefined; type = open.pop())
    for (const next of consequencesOf(flow, type))
      if (!found.has(next)) {
        found.add(next)
        open.push(next)
      }
  return found
}

/** What an event means, by every row that says it. */
export const rolesOf = ({ rows }: Flow, type: string): ReadonlySet<Role> =>
  new Set(rows.flatMap(({ says }) => says[type] ?? []))

/** The events with this meaning. */
export const saidAs = (flow: Flow, role: Role): string[] => [
  ...new Set(
    flow.rows.flatMap(({ says }) => Object.keys(says).filter(type => rolesOf(flow, type).has(role))),
  ),
]
