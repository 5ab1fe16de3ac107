import winston from 'winston'
import type { LogFields } from './log-names.ts'

export type { LogFields } from './log-names.ts'

/** One JSON line a call. A log line names what happened, its ids and its code. */
export type Log = {
  /** What only matters to whoever looks for it; a log may leave it out. */
  debug?(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** Time and level first, then who says what, then the rest: a line is read from the left. */
const line = winston.format.printf(({ timestamp: time, level, service, message, ...fields }) =>
  JSON.stringify({ time, level, service, message, ...fields }),
)

/**
 * A winston logger that writes JSON lines with the time, the service and the fields of the call to stdout.
 */
export const jsonLog = (service: string, level = 'info'): Log =>
  winston.createLogger({
    level,
    defaultMeta: { service },
    format: winston.format.combine(winston.format.timestamp(), line),
    transports: [new winston.transports.Console()],
  })

/** Says nothing, for tests and tools. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
