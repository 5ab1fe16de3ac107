import type { Command } from 'commander'
import { type ReplayReport, type ReplayResult, replay } from '../../shared/operations/dead-letters/replay.ts'
import { count } from '../arguments.ts'
import { replayedJson } from '../as-json.ts'
import { command, type Run } from '../command.ts'
import { deadLetterLines, forecastText, type ReplayOutcome, replaySummary } from '../dead-letter-text.ts'
import { exits, failureOf } from '../failure.ts'
import type { Session } from '../session.ts'
import { type Filter, filtered, filterOf, servicesOf, unknownDeadLetter } from './dlq-filter.ts'

type Replay = Filter & { dryRun?: boolean; force?: boolean; rate?: number; limit?: number }

/** Adds `replay` to the commands about dead letters. */
export const addReplay = (dlq: Command, run: Run): void => {
  filtered(
    command(dlq.command('replay'), {
      examples: [
        [
          'dlq replay --service payment --dry-run',
          'what each dead letter would do, without sending anything',
        ],
        ['dlq replay --service payment --reason provider-protocol', 'sends those again, once each'],
        ['dlq replay --order ord_… --rate 5', 'what is parked of one order, five a second'],
      ],
      exits:
        '0 all that was meant is sent again, 1 something was refused or is left, 2 wrong usage, 3 not reachable',
    }),
  )
    .description(
      'send dead letters to their inbox again; it needs no confirmation: it is safe to end it at any moment and to repeat it',
    )
    .option('--dry-run', 'send nothing and print what would happen')
    .option('--rate <number>', 'at most so many a second', count)
    .option('--limit <number>', 'at most so many of each service', count)
    .option('--force', 'also what cannot be decoded')
    .action(run(replayLetters))
}

const replayLetters = async (session: Session, options: Replay): Promise<number> => {
  const { terminal, signal } = session
  const operations = await session.operations({ documents: options.dryRun === true })
  const done: Record<ReplayResult['did'], number> = { replayed: 0, refused: 0, forecast: 0 }
  let end: Pick<ReplayReport, 'stopped' | 'error'> = {}
  for (const name of servicesOf(options)) {
    const onLetter = (replayed: ReplayResult) => {
      done[replayed.did] += 1
      session.show(replayed, one => told(session, one), replayedJson)
      terminal.progress(`${name}: ${done.replayed} sent again, ${done.refused} refused`)
    }
    const report = await replay(operations, name, filterOf(options), {
      ...paceOf(options),
      ...{ signal, onLetter },
    })
    if (end.stopped === undefined) end = report
    if (signal.aborted) break
  }
  terminal.progress('')
  const found = done.replayed + done.refused + done.forecast > 0
  const unknown = found || end.stopped !== undefined ? undefined : unknownDeadLetter(options)
  if (unknown) throw unknown
  const summary = { ...done, ...whyEnded(end) }
  session.show(summary, () => replaySummary(summary, options.dryRun === true))
  if (signal.aborted) return exits.interrupted
  return done.refused > 0 || end.stopped !== undefined ? exits.refused : exits.done
}

/** Why it ended early, in the words of any other failure. */
const whyEnded = ({
  stopped,
  error,
}: Pick<ReplayReport, 'stopped' | 'error'>): Pick<ReplayOutcome, 'stopped' | 'detail' | 'help'> => {
  if (error === undefined) return { stopped: stopped ?? null }
  const { code, detail, help } = failureOf(error)
  return { stopped: code, detail, ...(help && { help }) }
}

const paceOf = ({ dryRun, force, rate, limit }: Replay) => ({
  ...(dryRun && { dryRun }),
  ...(force && { force }),
  ...(rate !== undefined && { rate }),
  ...(limit !== undefined && { limit }),
})

const told = ({ terminal }: Session, replayed: ReplayResult): string => {
  const { paint } = terminal
  const about = (became?: string) => deadLetterLines([replayed.deadLetter], terminal, became)
  if (replayed.did === 'replayed') return about(paint.good('sent again'))
  if (replayed.did === 'refused') return about(`${paint.bad('refused')} (${replayed.reason})`)
  return [about(), ...replayed.forecasts.map(one => `  ${forecastText(one)}`)].join('\n')
}
