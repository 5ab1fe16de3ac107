import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type LogLine, logLineOf } from './log-line.ts'

const ending = '.log'

/** The names of the programs that have a log in this folder. */
export const programsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(name => name.endsWith(ending))
        .map(name => name.slice(0, -ending.length))
        .sort()
    : []

/**
 * A log file that is read on and on, also when it is cut off, or put aside and begun anew. `read` hands over
 * every line that has come since the last time; what has no end of line yet comes with it.
 */
export type LogFile = { read(onLine: (line: LogLine, text: string) => void): void; close(): void }

type Place = { readonly fd: number; at: number; rest: Buffer; before: LogLine | undefined }

const chunk = 256 * 1024

/**
 * The log of a program, from its start or, with `aside`, from that of the file that was put aside before it.
 * A line without a time of its own is shown when one with a time stands before it, or `raw` says so.
 */
export const logFile = (
  folder: string,
  program: string,
  { aside, raw }: { readonly aside: boolean; readonly raw: boolean },
): LogFile => {
  const path = join(folder, program + ending)
  let place: Place | undefined
  const open = (file: string) => {
    if (existsSync(file))
      place = { fd: openSync(file, 'r'), at: 0, rest: empty, before: raw ? first : undefined }
  }
  const close = () => {
    if (place) closeSync(place.fd)
    place = undefined
  }
  if (aside) open(`${path}.1`)
  return {
    read: onLine => {
      if (place) readOn(place, program, onLine)
      if (place && isAt(path, place.fd)) return
      close()
      open(path)
      if (place) readOn(place, program, onLine)
    },
    close,
  }
}

const empty = Buffer.alloc(0)
const first: LogLine = { time: '', level: '', service: '', message: '', fields: {}, frames: [] }

/** False when the file was put aside, or is gone: another one has its name, or will have it. */
const isAt = (path: string, fd: number): boolean => {
  const now = statSync(path, { throwIfNoEntry: false })
  const { ino, dev } = fstatSync(fd)
  return now?.ino === ino && now.dev === dev
}

const readOn = (place: Place, program: string, onLine: (line: LogLine, text: string) => void): void => {
  // Shorter than what was read: it was cut off and begins anew.
  if (fstatSync(place.fd).size < place.at) Object.assign(place, { at: 0, rest: empty })
  const buffer = Buffer.alloc(chunk)
  for (;;) {
    const count = readSync(place.fd, buffer, 0, chunk, place.at)
    if (count === 0) return
    place.at += count
    const bytes = Buffer.concat([place.rest, buffer.subarray(0, count)])
    const end = bytes.lastIndexOf('\n') + 1
    place.rest = Buffer.from(bytes.subarray(end))
    for (const text of bytes.subarray(0, end).toString().split('\n')) {
      const line = logLineOf(program, text, place.before)
      if (!line) continue
      place.before = line
      onLine(line, text)
    }
  }
}
