import type { Command } from 'commander'
import { checkFlow, type Finding, type RuleName, ruleSentences } from '../../choreography/check.ts'
import { type Description, describeForward, describeWayBack } from '../../choreography/describe.ts'
import { asMermaid } from '../../choreography/draw.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { waysBack } from '../../choreography/way-back.ts'
import { command, type Run } from '../command.ts'
import { exits } from '../failure.ts'
import { widthOf, wrapped } from '../fit.ts'
import type { Session } from '../session.ts'
import type { Paint, Screen } from '../terminal.ts'

/** Adds `flow`. */
export const addFlow = (program: Command, run: Run): void => {
  command(program.command('flow'), {
    examples: [
      ['flow', 'how an order goes forward, each way back, and whether the flow is sound'],
      ['flow --mermaid', 'who hears what, as a picture in the language of Mermaid'],
      ['flow --check', 'only whether it is sound, rule by rule'],
    ],
    exits: '0 done, 1 the flow is not sound, 2 wrong usage; it needs no running system',
  })
    .description('draw the flow of events that the services declare, and check it')
    .option('--mermaid', 'as a Mermaid flowchart, and nothing else')
    .option('--check', 'only the check, rule by rule')
    .action(run(flow))
}

type Options = { readonly mermaid?: boolean; readonly check?: boolean }

const flow = async (session: Session, { mermaid, check }: Options): Promise<number> => {
  const { paint } = session.terminal
  const screen = session.terminal
  const findings = checkFlow(shopFlow)
  const ways = waysBack(shopFlow)
  const sound = findings.length === 0
  const told = [describeForward(shopFlow), ...ways.map(way => describeWayBack(shopFlow, way))]
  const whole = [...told.map(one => toldText(one, screen)), verdict(findings, paint)].join('\n\n')
  session.show({ sound, findings, rows: shopFlow.rows, waysBack: ways }, () => {
    if (mermaid) return asMermaid(shopFlow)
    return check ? checkText(findings, screen) : whole
  })
  return sound ? exits.done : exits.refused
}

/** The arms of a tree stay whole; where a turn is too long, what answers it begins a line of its own. */
const toldText = ({ title, lines }: Description, { paint, columns }: Screen): string => {
  const isWide = lines.some(line => widthOf(line) + 2 > columns)
  const shown = isWide ? lines.flatMap(line => line.split(/ *(?=→ )/).map(inTurn)) : lines
  return [
    ...wrapped(title, columns, 2).split('\n').map(paint.strong),
    ...shown.map(line => `  ${wrapped(line, columns - 2, 6)}`),
  ].join('\n')
}

const inTurn = (part: string, i: number): string => (i === 0 ? part : `  ${part}`)

const verdict = (findings: readonly Finding[], paint: Paint): string =>
  [
    ...findings.map(({ rule, what }) => `${paint.bad(rule)}  ${what}`),
    findings.length === 0
      ? paint.good('The flow is sound: it keeps every rule of npx --no -- choreo flow --check.')
      : paint.bad('The flow is not sound.'),
  ].join('\n')

const checkText = (findings: readonly Finding[], { paint, columns }: Screen): string => {
  const names = Object.keys(ruleSentences) as RuleName[]
  const lines = names.flatMap(rule => {
    const broken = findings.filter(finding => finding.rule === rule)
    const name = broken.length === 0 ? paint.good(rule.padEnd(12)) : paint.bad(rule.padEnd(12))
    return [`${name}  ${ruleSentences[rule]}`, ...broken.map(({ what }) => `  ${paint.bad(what)}`)].map(
      line => wrapped(line, columns, 14),
    )
  })
  return [
    ...lines,
    findings.length === 0 ? paint.good('The flow is sound.') : paint.bad('The flow is not sound.'),
  ].join('\n')
}
