import { readFileSync } from 'node:fs'
import type { OwnedProcess } from '../supervision/owned-process.ts'

/** The last lines of a log file. */
export const tail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join(' | ')
  } catch {
    return ''
  }
}

/** Why waiting for a starting process is in vain, or undefined while it may still become ready. */
export const whyGone = (process: OwnedProcess, logFile: string, signal?: AbortSignal): string | undefined => {
  if (signal?.aborted) return 'asked to stop'
  const end = process.ended()
  if (end === undefined) return undefined
  return `it ended during its start (${describeEnd(end)}), see ${logFile}: ${tail(logFile)}`
}

/** `exit 1` or `SIGKILL`. */
export const describeEnd = ({ code, signal }: { code: number | null; signal: string | null }): string =>
  signal ?? `exit ${code}`
