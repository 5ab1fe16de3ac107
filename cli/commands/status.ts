import { type Command, Option } from 'commander'
import { exits } from '../failure.ts'
import { count } from '../given.ts'
import { leaf, type Run } from '../leaf.ts'
import type { Session } from '../session.ts'
import { gatherStatus } from '../status/gather.ts'
import { statusText } from '../status/text.ts'
import { judge } from '../status/verdict.ts'

/** Adds `status`. */
export const addStatus = (program: Command, run: Run): void => {
  leaf(program.command('status'), {
    examples: [
      ['status', 'everything at a glance'],
      ['status --json | jq .wrong', 'what is wrong, for a monitor'],
    ],
    exits: '0 all is well, 1 something is wrong, 2 wrong usage, 3 nothing is reachable',
  })
    .description('show services, queues, dead letters, topology and lag')
    .addOption(
      new Option('--dead-letter-alarm <number>', 'more dead letters of one service are wrong')
        .env('CHOREO_DEAD_LETTER_ALARM')
        .default(100)
        .argParser(count),
    )
    .action(run(status))
}

const status = async (
  session: Session,
  { deadLetterAlarm }: { deadLetterAlarm: number },
): Promise<number> => {
  const found = await gatherStatus(session)
  const wrong = judge(found, deadLetterAlarm)
  session.show({ ok: wrong.length === 0, wrong, ...found }, () =>
    statusText(found, wrong, session.terminal.paint),
  )
  return wrong.length > 0 ? exits.refused : exits.done
}
