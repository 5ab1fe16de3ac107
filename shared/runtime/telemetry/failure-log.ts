import { type ErrorReport, reportOf } from '../error-report.ts'
import type { Log, LogFields } from './log.ts'

/** What a log line says of an error: its code, its words without values, and where it came from. */
export const errorFields = (error: unknown, values?: Iterable<string>): LogFields =>
  reportFields(reportOf(error, values))

/** The same of an error that is reported already. */
export const reportFields = ({ unexpected: _, ...fields }: ErrorReport): LogFields => fields

/** Says that something failed: at `error` when somebody has to look at the code, else at `warn`. */
export const logFailure = (log: Log, message: string, report: ErrorReport, fields: LogFields = {}): void =>
  log[report.unexpected ? 'error' : 'warn'](message, { ...fields, ...reportFields(report) })
