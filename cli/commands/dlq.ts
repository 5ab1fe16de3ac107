import { type Command, Option } from 'commander'
import { reactingNames } from '../../services/registry.ts'
import { browse, purge } from '../../shared/operations/dead-letters/browse.ts'
import type { DeadLetter } from '../../shared/operations/dead-letters/dead-letter.ts'
import { type DeadLetterFilter, group } from '../../shared/operations/dead-letters/filter.ts'
import { type ReplayResult, replay } from '../../shared/operations/dead-letters/replay.ts'
import { age, count, orderId, service } from '../arguments.ts'
import { deadLetterJson, groupJson, replayedJson } from '../as-json.ts'
import { command, type Run } from '../command.ts'
import {
  deadLetterLines,
  deadLetterText,
  forecastText,
  groupTable,
  replaySummary,
} from '../dead-letter-text.ts'
import { exits, Failure } from '../failure.ts'
import type { Session } from '../session.ts'

type Filter = {
  service?: string
  message?: string
  order?: string
  type?: string
  reason?: string
  errorAt?: string
  olderThan?: number
  newerThan?: number
}
type Replay = Filter & { dryRun?: boolean; force?: boolean; rate?: number; limit?: number }
type Purge = Filter & { yes?: boolean; limit?: number }

/** Adds `dlq list | show | replay | purge`. */
export const addDlq = (program: Command, run: Run): void => {
  const dlq = program.command('dlq').description('look at dead letters, send them again, delete them')
  filtered(
    command(dlq.command('list'), {
      examples: [
        ['dlq list', 'how many of which kind, by service, type and fault: a reason and where it came from'],
        ['dlq list --service payment --each', 'every one of payment'],
      ],
      exits: '0 none, 1 there are some, 2 wrong usage, 3 not reachable',
    }),
  )
    .description('group the dead letters by service, type and fault: a reason and where it came from')
    .option('--each', 'every dead letter on a line of its own')
    .action(run(list))
  filtered(
    command(
      dlq
        .command('show')
        .argument('<message>', 'the message id of a dead letter, or the id of an event in it'),
      {
        examples: [
          ['dlq show ord_…:inventory:1', 'its content, why it was parked and what a replay would do'],
        ],
      },
    ),
  )
    .description('show one dead letter; address and payment token are left out')
    .action(run(showLetter))
  addReplay(dlq, run)
  addPurge(dlq, run)
}

const filtered = (command: Command): Command =>
  command
    .option('--service <name>', 'whose dead letters; all services unless given', service)
    .option('--message <id>', 'the dead letter with this message or event')
    .option('--order <order>', 'dead letters about this order', orderId)
    .option('--type <type>', 'dead letters with this event type')
    .option('--reason <code>', 'dead letters that were parked for this reason')
    .option('--error-at <file:line>', 'dead letters whose error came from there')
    .addOption(new Option('--older-than <duration>', 'parked longer ago than 30m, 2h, 7d').argParser(age))
    .addOption(new Option('--newer-than <duration>', 'parked less long ago').argParser(age))

const addReplay = (dlq: Command, run: Run): void => {
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

const addPurge = (dlq: Command, run: Run): void => {
  filtered(
    command(dlq.command('purge'), {
      examples: [
        ['dlq purge --service payment --older-than 30d', 'asks first, then deletes'],
        ['dlq purge --message ord_…:order:1 --yes', 'deletes one without asking'],
      ],
    }),
  )
    .description('delete dead letters for good: what they would have done is not done')
    .option('--limit <number>', 'at most so many of each service', count)
    .option('--yes', 'do not ask')
    .action(run(purgeLetters))
}

const filterOf = ({
  message,
  order,
  type,
  reason,
  errorAt,
  olderThan,
  newerThan,
}: Filter): DeadLetterFilter => ({
  ...(message !== undefined && { messageId: message }),
  ...(order !== undefined && { subject: order }),
  ...(type !== undefined && { type }),
  ...(reason !== undefined && { reason }),
  ...(errorAt !== undefined && { errorAt }),
  ...(olderThan !== undefined && { olderThan }),
  ...(newerThan !== undefined && { newerThan }),
})

const servicesOf = ({ service: named }: Filter): readonly string[] => (named ? [named] : reactingNames)

const deadLettersOf = async (session: Session, filter: Filter, limit?: number): Promise<DeadLetter[]> => {
  const operations = await session.operations()
  const deadLetters: DeadLetter[] = []
  for (const name of servicesOf(filter)) {
    session.terminal.progress(`reading the dead letters of ${name}`)
    deadLetters.push(
      ...(await browse(operations, name, filterOf(filter), limit === undefined ? {} : { limit })),
    )
  }
  session.terminal.progress('')
  return deadLetters
}

const list = async (session: Session, options: Filter & { each?: boolean }): Promise<number> => {
  const { terminal } = session
  const deadLetters = await deadLettersOf(session, options)
  const none = 'no dead letters'
  const groups = group(deadLetters)
  if (options.each)
    session.show(
      deadLetters,
      seen => deadLetterLines(seen, terminal) || none,
      seen => seen.map(deadLetterJson),
    )
  else
    session.show(
      groups,
      seen => (seen.length > 0 ? groupTable(seen, terminal) : none),
      seen => seen.map(groupJson),
    )
  return deadLetters.length > 0 ? exits.refused : exits.done
}

/**
 * Whoever names one dead letter or one order means something that is there; a filter by kind or age may well mean
 * nothing today.
 */
const unknownDeadLetter = ({ message, order }: Filter): Failure | undefined => {
  if (message === undefined && order === undefined) return undefined
  const named = [message && `the message ${message}`, order && `the order ${order}`].filter(Boolean)
  return new Failure('dead-letter-unknown', `no dead letter that is meant has ${named.join(' and ')}.`, {
    help: 'List them with `npx --no -- choreo dlq list --each`.',
  })
}

const showLetter = async (session: Session, options: Filter, message: string): Promise<void> => {
  const wanted = { ...options, message }
  const [deadLetter] = await deadLettersOf(session, wanted, 1)
  if (!deadLetter) throw unknownDeadLetter(wanted)
  session.show(deadLetter, one => deadLetterText(one, session.terminal), deadLetterJson)
}

const replayLetters = async (session: Session, options: Replay): Promise<number> => {
  const { terminal, signal } = session
  const operations = await session.operations({ documents: options.dryRun === true })
  const done: Record<ReplayResult['did'], number> = { replayed: 0, refused: 0, forecast: 0 }
  let stopped: string | undefined
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
    stopped ??= report.stopped
    if (signal.aborted) break
  }
  terminal.progress('')
  const found = done.replayed + done.refused + done.forecast > 0
  const unknown = found || stopped !== undefined ? undefined : unknownDeadLetter(options)
  if (unknown) throw unknown
  const summary = { ...done, stopped: stopped ?? null }
  session.show(summary, () => replaySummary(summary, options.dryRun === true))
  if (signal.aborted) return exits.interrupted
  return done.refused > 0 || stopped !== undefined ? exits.refused : exits.done
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

const purgeLetters = async (session: Session, options: Purge): Promise<number> => {
  const { terminal } = session
  const meant = await deadLettersOf(session, options, options.limit)
  if (meant.length === 0) {
    const unknown = unknownDeadLetter(options)
    if (unknown) throw unknown
    session.show([], () => 'no dead letters are meant')
    return exits.done
  }
  if (!options.yes && !(await terminal.confirm(`Delete ${meant.length} dead letters for good?`)))
    throw new Failure('not-confirmed', `${meant.length} dead letters are meant, and nothing was deleted.`, {
      help: 'Answer y at the terminal, or repeat the command with --yes.',
    })
  const operations = await session.operations()
  const purged: DeadLetter[] = []
  for (const name of servicesOf(options)) {
    const limit = options.limit === undefined ? {} : { limit: options.limit }
    purged.push(...(await purge(operations, name, filterOf(options), limit)))
  }
  session.show(purged.map(deadLetterJson), () => `${purged.length} deleted`)
  return exits.done
}
