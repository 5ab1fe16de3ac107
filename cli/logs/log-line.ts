import { type LogFields, logNames } from '../../shared/runtime/telemetry/log-names.ts'
import { type Cell, cut, fitted } from '../fit.ts'
import type { Screen } from '../terminal.ts'

/** A line of a log file: what a program said, or what came out of it beside its log. */
export type LogLine = {
  /** RFC 3339; of what has no time of its own that of the line before it. */
  readonly time: string
  readonly level: string
  readonly service: string
  readonly message: string
  readonly fields: LogFields
  /** How an error got there. */
  readonly frames: readonly string[]
}

/**
 * A line of the file of `program`. What is no line of a log, such as the last words of a process, comes at
 * the time of the line `before` it; undefined when there is none: then it is the file of a server. Pure.
 */
export const logLineOf = (program: string, text: string, before?: LogLine): LogLine | undefined => {
  const { time, level, service, message, stack = '', ...fields } = parsed(text) ?? {}
  if (typeof time === 'string' && typeof message === 'string') {
    const frames = String(stack)
      .split('\n')
      .filter(frame => frame !== '')
    return { time, level: String(level), service: String(service), message, fields, frames }
  }
  if (!before || text === '') return undefined
  return { time: before.time, level: '', service: program, message: text, fields: {}, frames: [] }
}

const parsed = (text: string): (LogFields & Partial<Record<string, unknown>>) | undefined => {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What tells most comes first; the rest as it was said. */
const telling: readonly string[] = ['attempt', 'code', 'cause', 'error', 'errorAt']

/**
 * A line for people: who said what when, on one line of the screen, and below it how an error got there. Pure.
 */
export const logText = (line: LogLine, { paint, columns }: Screen): string => {
  const { time, level, service, message, fields, frames } = line
  const colour = level === 'error' ? paint.bad : level === 'warn' ? paint.doubtful : String
  const at: Cell = { whole: time, brief: time.slice('2030-01-01T'.length, -1) }
  const said = `${colour(level.padEnd(5))}  ${service.padEnd(9)}  ${message}`
  const [head = ''] = fitted([[at, said, detailOf(fields)]], { columns })
  return [head, ...frames.map(frame => paint.faint(cut(`    at ${frame}`, columns)))].join('\n')
}

const detailOf = (fields: LogFields): string => {
  const names = Object.keys(fields)
  const first = names.filter(name => !(name in logNames) || telling.includes(name))
  const others = names.filter(name => !first.includes(name))
  return [...first, ...others].map(name => `${name} ${String(fields[name as keyof LogFields])}`).join(', ')
}

/** Lines in the order of their times; what has the same time stays in its order. Pure. */
export const byTime = (lines: readonly LogLine[]): LogLine[] =>
  lines.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
