import { join } from 'node:path'
import type { Command } from 'commander'
import { SagaError } from '../../shared/runtime/errors.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { count, orderId } from '../arguments.ts'
import { command, type Run } from '../command.ts'
import { exits, wrongUsage } from '../failure.ts'
import { type LogFile, logFile, programsIn } from '../logs/log-file.ts'
import { byTime, type LogLine, logText } from '../logs/log-line.ts'
import type { Session } from '../session.ts'

type Options = { order?: string; follow?: boolean; limit: number }

const usualLimit = 1_000
const lookEveryMs = 200

/** Adds `logs`. */
export const addLogs = (program: Command, run: Run): void => {
  command(program.command('logs').argument('[service]', 'a service, a provider or a server; all that log'), {
    examples: [
      ['logs', 'what the programs of this machine said last, by time'],
      ['logs payment --follow', 'what payment says, as it says it'],
      ['logs --order ord_…', 'all that was said about an order'],
    ],
    exits: '0 done, 1 nothing was said, 2 wrong usage, 3 no system here, 130 ended by Ctrl-C',
  })
    .description('show what the programs of a system on this machine log, merged by time')
    .option('--order <order>', 'what names this order, or an event of it', orderId)
    .option('--follow', 'go on with what comes')
    .option('--limit <number>', 'at most so many lines, the newest', count, usualLimit)
    .action(run(showLogs))
}

const showLogs = async (session: Session, options: Options, service?: string): Promise<number> => {
  const folder = join(session.places.dataFolder, 'logs')
  const programs = programsIn(folder)
  if (programs.length === 0) throw new SagaError('system-not-found', `no logs are in ${folder}`)
  const logs = openLogs(folder, { order: options.order, service })
  try {
    const { lines, found } = newest(logs, options.limit)
    if (found === 0 && !options.follow) return nothingSaid(session, programs, service)
    print(session, lines)
    if (found > options.limit) session.terminal.warn(thereIsMore(options.limit))
    return options.follow ? await follow(session, logs) : exits.done
  } finally {
    logs.close()
  }
}

/** On stderr, also for programs: who reads a part must not take it for the whole. */
const thereIsMore = (limit: number): string =>
  `The newest ${limit} lines are shown, and there are more: --limit ${limit * 10} shows more of them, a filter fewer.`

const nothingSaid = ({ terminal }: Session, programs: readonly string[], service?: string): number => {
  if (service !== undefined && !programs.includes(service))
    throw wrongUsage(
      `nobody called ${service} has said anything.`,
      `These have logs: ${programs.join(', ')}.`,
    )
  terminal.warn('nothing was said of that')
  return exits.refused
}

type Wanted = { readonly order: string | undefined; readonly service: string | undefined }
type Logs = { read(onLine: (line: LogLine) => void): void; close(): void }

/** All files of the folder, those that come later too; of their lines those that are meant. */
const openLogs = (folder: string, { order, service }: Wanted): Logs => {
  const files = new Map<string, LogFile>()
  const openNew = () => {
    for (const program of programsIn(folder))
      if (!files.has(program))
        files.set(program, logFile(folder, program, { aside: true, raw: program === service }))
  }
  return {
    read: onLine => {
      openNew()
      for (const [program, file] of files)
        file.read((line, text) => {
          const isOf = service === undefined || line.service === service || program === service
          if (isOf && (order === undefined || text.includes(order))) onLine(line)
        })
    },
    close: () => {
      for (const file of files.values()) file.close()
    },
  }
}

/** The newest lines, at most `limit`, and how many there are; of all others only so many are held at once. */
const newest = (logs: Logs, limit: number): { readonly lines: LogLine[]; readonly found: number } => {
  let lines: LogLine[] = []
  let found = 0
  logs.read(line => {
    found += 1
    if (lines.push(line) >= 2 * limit + 1_000) lines = byTime(lines).slice(-limit)
  })
  return { lines: byTime(lines).slice(-limit), found }
}

const follow = async (session: Session, logs: Logs): Promise<number> => {
  while (!session.signal.aborted) {
    await sleep(systemClock, lookEveryMs, session.signal)
    const lines: LogLine[] = []
    logs.read(line => lines.push(line))
    print(session, byTime(lines))
  }
  return exits.interrupted
}

const print = (session: Session, lines: readonly LogLine[]): void => {
  for (const line of lines) session.show(line, one => logText(one, session.terminal), lineJson)
}

const lineJson = ({ fields, frames, ...said }: LogLine) => ({
  ...{ ...said, ...fields },
  ...(frames.length > 0 && { stack: frames }),
})
