import type { Command } from 'commander'
import { checkFlow } from '../../choreography/check.ts'
import { checkCompensations } from '../../choreography/compensations.ts'
import { asMermaid, asText } from '../../choreography/draw.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { exits } from '../failure.ts'
import { leaf, type Run } from '../leaf.ts'
import type { Session } from '../session.ts'

/** Adds `flow`. */
export const addFlow = (program: Command, run: Run): void => {
  leaf(program.command('flow'), {
    examples: [
      ['flow', 'what each service hears, and what it may say to that'],
      ['flow --mermaid', 'the same as a picture in the language of Mermaid'],
      ['flow --check', 'whether it is sound, and why every failure is undone'],
    ],
    exits: '0 done, 1 (with --check) the flow is not sound, 2 wrong usage; it needs no running system',
  })
    .description('draw the flow of events that the services declare')
    .option('--mermaid', 'as a Mermaid flowchart')
    .option('--check', 'check it, with the reasoning')
    .action(run(flow))
}

const flow = async (
  session: Session,
  { mermaid, check }: { mermaid?: boolean; check?: boolean },
): Promise<number> => {
  if (check) return checked(session)
  session.show(shopFlow.rows, () => (mermaid ? asMermaid(shopFlow) : asText(shopFlow)))
  return exits.done
}

const checked = ({ show, terminal: { paint } }: Session): number => {
  const findings = checkFlow(shopFlow)
  const undoings = checkCompensations(shopFlow)
  const sound = findings.length === 0
  show({ sound, findings, undoings }, () =>
    [
      ...undoings.flatMap(({ failure, reasoning }) => [
        paint.strong(failure),
        ...reasoning.map(line => `  ${line}`),
      ]),
      ...findings.map(({ rule, what }) => `${paint.bad(rule)}  ${what}`),
      sound ? paint.good('the flow is sound') : paint.bad('the flow is not sound'),
    ].join('\n'),
  )
  return sound ? exits.done : exits.refused
}
