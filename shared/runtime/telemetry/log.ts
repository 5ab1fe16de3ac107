import winston from 'winston'

/**
 * Ids, codes and counts; never payloads. Keys are kept flat so that a line can be searched by any of them.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** One JSON line a call. A log line names what happened, its ids and its code. */
export type Log = {
  /** What only matters to whoever looks for it; a log may leave it out. */
  debug?(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/**
 * A winston logger that writes JSON lines with the time, the service and the fields of the call to stdout.
 */
export const jsonLog = (service: string, level = 'info'): Log =>
  winston.createLogger({
    level,
    defaultMeta: { service },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console()],
  })

/** Says nothing, for tests and tools. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} }
