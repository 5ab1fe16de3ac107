import type { Command } from 'commander'
import { rules } from '../../services/rules.ts'
import { type FlowGraph, flowOf, mermaidOf } from '../flow-graph.ts'
import { leaf, type Run } from '../leaf.ts'
import type { Session } from '../session.ts'
import type { Paint } from '../terminal.ts'

/** Adds `flow`. */
export const addFlow = (program: Command, run: Run): void => {
  leaf(program.command('flow'), {
    examples: [
      ['flow', 'what each service hears, and what it may say to that'],
      ['flow --mermaid', 'the same as a picture in the language of Mermaid'],
    ],
    exits: '0 always: it needs no running system',
  })
    .description('draw the flow of events that the services declare')
    .option('--mermaid', 'as a Mermaid flowchart')
    .action(run(flow))
}

const flow = async (session: Session, { mermaid }: { mermaid?: boolean }): Promise<void> => {
  const graph = flowOf(rules)
  session.show(graph, () => (mermaid ? mermaidOf(graph) : textOf(graph, session.terminal.paint)))
}

const textOf = ({ rows, ends, unheard }: FlowGraph, paint: Paint): string => {
  const services = [...new Set(rows.map(({ service }) => service))]
  const colour = { forward: paint.good, refusal: paint.doubtful, undo: paint.doubtful, end: paint.strong }
  const blocks = services.map(name => {
    const own = rows.filter(({ service }) => service === name)
    const width = Math.max(...own.map(({ hears }) => (hears ?? asked).length))
    const lines = own.map(({ hears = asked, says, within }) => {
      const said = says.map(({ type, role }) => `${colour[role](type)} (${role})`).join(', ') || '-'
      return `  ${hears.padEnd(width)}  ->  ${said}${within ? paint.faint(`  within ${within}`) : ''}`
    })
    return [paint.strong(name), ...lines].join('\n')
  })
  return [
    ...blocks,
    `An order ends with ${ends.join(', ')}.`,
    ...(unheard.length > 0 ? [paint.bad(`Nobody hears ${unheard.join(', ')}.`)] : []),
  ].join('\n')
}

const asked = '(HTTP, time)'
