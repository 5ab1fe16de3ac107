import type { Log } from '../../shared/runtime/telemetry/log.ts'

/** Writes down the lines that a program would log. */
export const logInto = (lines: string[]): Log => {
  const note = (text: string, fields = {}) => void lines.push(`${text} ${JSON.stringify(fields)}`)
  return { info: note, warn: note, error: note }
}
