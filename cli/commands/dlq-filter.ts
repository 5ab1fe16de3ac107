import { type Command, Option } from 'commander'
import { reactingNames } from '../../services/registry.ts'
import { browse } from '../../shared/operations/dead-letters/browse.ts'
import type { DeadLetter } from '../../shared/operations/dead-letters/dead-letter.ts'
import type { DeadLetterFilter } from '../../shared/operations/dead-letters/filter.ts'
import { age, orderId, service } from '../arguments.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'

/** Which dead letters a command line means; all unless it names any. */
export type Filter = {
  service?: string
  message?: string
  order?: string
  type?: string
  reason?: string
  errorAt?: string
  olderThan?: number
  newerThan?: number
}

/** Gives a command the options of a filter. */
export const filtered = (command: Command): Command =>
  command
    .option('--service <name>', 'whose dead letters; all services unless given', service)
    .option('--message <id>', 'the dead letter with this message or event')
    .option('--order <order>', 'dead letters about this order', orderId)
    .option('--type <type>', 'dead letters with this event type')
    .option('--reason <code>', 'dead letters that were parked for this reason')
    .option('--error-at <file:line>', 'dead letters whose error came from there')
    .addOption(new Option('--older-than <duration>', 'parked longer ago than 30m, 2h, 7d').argParser(age))
    .addOption(new Option('--newer-than <duration>', 'parked less long ago').argParser(age))

/** What the operations are told of it. */
export const filterOf = ({
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

/** Whose dead letters are meant. */
export const servicesOf = ({ service: named }: Filter): readonly string[] => (named ? [named] : reactingNames)

/** Those that are meant, of each service `limit` at most. */
export const deadLettersOf = async (
  session: Session,
  filter: Filter,
  limit?: number,
): Promise<DeadLetter[]> => {
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

/**
 * Whoever names one dead letter or one order means something that is there; a filter by kind or age may well mean
 * nothing today.
 */
export const unknownDeadLetter = ({ message, order }: Filter): Failure | undefined => {
  if (message === undefined && order === undefined) return undefined
  const named = [message && `the message ${message}`, order && `the order ${order}`].filter(Boolean)
  return new Failure('dead-letter-unknown', `no dead letter that is meant has ${named.join(' and ')}.`, {
    help: 'List them with `npx --no -- choreo dlq list --each`.',
  })
}
