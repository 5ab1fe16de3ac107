import { type Flow, meaningsOf } from './flow.ts'

/**
 * The flow as a Mermaid flow chart: services as nodes, events as arrows, dotted where the saga turns back.
 */
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

const arrowsTo = (flow: Flow, service: string): string[] =>
  flow.rows.flatMap(({ service: hearer, hears }) => {
    const event = flow.events.find(({ type }) => type === hears)
    if (hearer !== service || !event) return []
    const forward = meaningsOf(flow, event.type).has('forward')
    return [`  ${event.owner} ${forward ? '--' : '-.'} ${event.type} ${forward ? '-->' : '.->'} ${service}`]
  })
