import { type Command, Option } from 'commander'
import { count } from '../arguments.ts'
import { command, type Run } from '../command.ts'
import { exits } from '../failure.ts'
import type { Session } from '../session.ts'
import { gatherStatus } from '../status/gather.ts'
import { statusText } from '../status/text.ts'
import { isSilent, judge, type Level, levelOf } from '../status/verdict.ts'

/** Adds `status`. */
export const addStatus = (program: Command, run: Run): void => {
  command(program.command('status'), {
    examples: [
      ['status', 'everything at a glance'],
      ["status --json | jq -r '.findings[].what'", 'what is wrong or to be looked at, for a monitor'],
    ],
    exits:
      '0 well, 1 ill: something is wrong, 2 wrong usage, 3 nothing is reachable, 4 look: nothing is wrong, and something waits for a person or is not known yet',
  })
    .description('show services, queues, dead letters, topology and lag')
    .addOption(
      new Option('--dead-letter-alarm <number>', 'with more dead letters of one service the verdict is ill')
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
  const findings = judge(found, deadLetterAlarm)
  const verdict = levelOf(findings)
  session.show({ verdict, findings, ...found }, seen => statusText(seen, seen.findings, session.terminal))
  return isSilent(found) ? exits.unreachable : exitOf[verdict]
}

const exitOf: Readonly<Record<Level, number>> = { well: exits.done, look: exits.look, ill: exits.refused }
