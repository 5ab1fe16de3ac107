import type { Command } from 'commander'
import { purge } from '../../shared/operations/dead-letters/browse.ts'
import type { DeadLetter } from '../../shared/operations/dead-letters/dead-letter.ts'
import { count } from '../arguments.ts'
import { deadLetterJson } from '../as-json.ts'
import { command, type Run } from '../command.ts'
import { exits, Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import {
  deadLettersOf,
  type Filter,
  filtered,
  filterOf,
  servicesOf,
  unknownDeadLetter,
} from './dlq-filter.ts'

type Purge = Filter & { yes?: boolean; limit?: number }

/** Adds `purge` to the commands about dead letters. */
export const addPurge = (dlq: Command, run: Run): void => {
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
