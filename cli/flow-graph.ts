import { definitionOf } from '../shared/contract/registry.ts'
import type { Role } from '../shared/saga/reaction.ts'
import type { Service } from '../shared/saga/service.ts'

/** One row of the tables: what a service hears (undefined: HTTP or time), what it may say to that, and how long it usually takes. */
export type Row = {
  readonly service: string
  readonly hears: string | undefined
  readonly says: readonly { readonly type: string; readonly role: Role }[]
  readonly within: string | undefined
}

/** An event on its way from the service that says it to one that hears it. */
export type Edge = { readonly from: string; readonly to: string; readonly type: string; readonly role: Role }

/** The declared graph: every row, every edge, the events that end an order, and what is said to nobody although it does not end one. */
export type FlowGraph = {
  readonly rows: readonly Row[]
  readonly edges: readonly Edge[]
  readonly ends: readonly string[]
  readonly unheard: readonly string[]
}

/** The graph that the tables of the services declare. Pure. */
export const flowOf = (services: readonly Service[]): FlowGraph => {
  const rows = services.flatMap(rowsOf)
  const said = rows.flatMap(({ service, says }) => says.map(one => ({ ...one, from: service })))
  const distinct = [...new Map(said.map(one => [`${one.from} ${one.type}`, one])).values()]
  const edges = distinct.flatMap(({ from, type, role }) =>
    rows.filter(({ hears }) => hears === type).map(({ service: to }): Edge => ({ from, to, type, role })),
  )
  const isEnd = (type: string) => definitionOf(type)?.terminal === true
  const types = distinct.map(({ type }) => type)
  return {
    ...{ rows, edges, ends: types.filter(isEnd) },
    unheard: types.filter(type => !isEnd(type) && !edges.some(edge => edge.type === type)),
  }
}

const rowsOf = ({ name, reactions, says = {} }: Service): Row[] => {
  const unasked = Object.entries(says).map(([type, role]) => ({ type, role }))
  return [
    ...(unasked.length > 0 ? [{ service: name, hears: undefined, says: unasked, within: undefined }] : []),
    ...reactions.map(({ on, emits, within }) => ({
      ...{ service: name, hears: on.type, within },
      says: Object.entries(emits).map(([type, role]) => ({ type, role })),
    })),
  ]
}

/** The graph as a Mermaid flowchart: solid lines go forward, dotted ones turn back or undo. Pure. */
export const mermaidOf = ({ edges, rows }: FlowGraph): string => {
  const groups = new Map<string, { edge: Edge; types: string[] }>()
  for (const edge of edges) {
    const key = `${edge.from} ${edge.to} ${edge.role === 'forward'}`
    const known = groups.get(key) ?? { edge, types: [] }
    groups.set(key, { edge, types: [...known.types, edge.type] })
  }
  const unasked = rows.filter(({ hears }) => hears === undefined)
  return [
    'flowchart LR',
    ...unasked.map(({ service }) => `  asked((HTTP, time)) --> ${service}`),
    ...[...groups.values()].map(({ edge: { from, to, role }, types }) =>
      role === 'forward'
        ? `  ${from} -- ${types.join(', ')} --> ${to}`
        : `  ${from} -. ${types.join(', ')} .-> ${to}`,
    ),
  ].join('\n')
}
