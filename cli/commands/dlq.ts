import type { Command } from 'commander'
import { group } from '../../shared/operations/dead-letters/filter.ts'
import { deadLetterJson, groupJson } from '../as-json.ts'
import { command, type Run } from '../command.ts'
import { deadLetterLines, deadLetterText, groupTable } from '../dead-letter-text.ts'
import { exits } from '../failure.ts'
import type { Session } from '../session.ts'
import { deadLettersOf, type Filter, filtered, unknownDeadLetter } from './dlq-filter.ts'
import { addPurge } from './dlq-purge.ts'
import { addReplay } from './dlq-replay.ts'

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

const showLetter = async (session: Session, options: Filter, message: string): Promise<void> => {
  const wanted = { ...options, message }
  const [deadLetter] = await deadLettersOf(session, wanted, 1)
  if (!deadLetter) throw unknownDeadLetter(wanted)
  session.show(deadLetter, one => deadLetterText(one, session.terminal), deadLetterJson)
}
