import type { Flow } from './flow.ts'

/** The flow as a Mermaid flow chart: services as nodes, events as arrows, dotted where the saga turns back. */
export const asMermaid = (flow: Flow): string => {
  const services = [...new Set(flow.rows.map(({ service }) => service))]
  const starters = new Set(flow.rows.flatMap(({ service, hears }) => (hears === undefined ? [service] : [])))
  return [
    'flowchart LR',
    ...[...starters].map(service => `  outside(("HTTP, time")) --> ${service}`),
    ...services.flatMap(service => arrowsTo(flow, service)),
    ...flow.events
      .filter(({ terminal }) => terminal)
      .map(({ type, owner }) => `  ${owner} --> ${nodeOf(type)}([${type}])`),
  ].join('\n')
}

const nodeOf = (type: string) => type.replace(/\W/g, '_')

const arrowsTo = ({ rows, events }: Flow, service: string): string[] =>
  rows.flatMap(({ service: hearer, hears }) => {
    const event = events.find(({ type }) => type === hears)
    if (hearer !== service || !event) return []
    const forward = rows.some(({ says }) => says[event.type] === 'forward')
    return [`  ${event.owner} ${forward ? '--' : '-.'} ${event.type} ${forward ? '-->' : '.->'} ${service}`]
  })

/** The flow as indented text: what each service hears, and what it may say then. */
export const asText = ({ rows }: Flow): string =>
  [...new Set(rows.map(({ service }) => service))]
    .flatMap(service => [service, ...rows.filter(row => row.service === service).map(lineOf)])
    .join('\n')

const lineOf = ({ hears = '(HTTP, time)', says }: Flow['rows'][number]): string => {
  const said = Object.entries(says).map(([type, role]) => `${type} (${role})`)
  return `  ${hears} -> ${said.join(' | ') || 'nothing'}`
}
