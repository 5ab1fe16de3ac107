import { formatDuration } from '../shared/runtime/text/format.ts'
import { type Cell, cut, fitted } from './fit.ts'
import { visibleText } from './visible.ts'

/**
 * Where a command writes. Lines for programs and people go to stdout; what only a person waits for goes to
 * stderr.
 */
export type Terminal = Screen & {
  /** A line on stdout. */
  say(line: string): void
  /** A line on stderr, with whatever cannot be seen made visible. */
  warn(line: string): void
  /** Replaces the line that a person sees while something takes long; nothing when stderr is no terminal. */
  progress(line: string): void
  /** Asks for a yes; false when nobody can be asked. */
  confirm(question: string): Promise<boolean>
}

/** What texts are made for: its colours, and how wide it is; a file or a pipe has no end. */
export type Screen = { readonly paint: Paint; readonly columns: number }

/** Colours by meaning. */
export type Paint = Readonly<
  Record<'good' | 'bad' | 'doubtful' | 'faint' | 'strong', (text: string) => string>
>

type Stream = { write(text: string): unknown; isTTY?: boolean; columns?: number }

/** What a command reads and writes, and the environment that says how. */
export type Streams = { out: Stream; err: Stream; input: NodeJS.ReadStream; env: NodeJS.ProcessEnv }

const colours = { good: 32, bad: 31, doubtful: 33, faint: 2, strong: 1 } as const

/** The terminal of these streams: colours only where stdout is one, and not with NO_COLOR. */
export const terminalOn = ({ out, err, input, env }: Streams): Terminal => {
  const coloured = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  let pending = false
  const clear = () => {
    if (pending) err.write('\r\u001b[K')
    pending = false
  }
  return {
    paint: paintWith(coloured),
    columns: (out.isTTY && out.columns) || Number.POSITIVE_INFINITY,
    say: line => {
      clear()
      out.write(`${line}\n`)
    },
    warn: line => {
      clear()
      err.write(`${visibleText(line)}\n`)
    },
    progress: line => {
      if (err.isTTY !== true) return
      clear()
      err.write(cut(visibleText(line), err.columns || Number.POSITIVE_INFINITY))
      pending = line !== ''
    },
    confirm: async question => {
      if (input.isTTY !== true || err.isTTY !== true) return false
      err.write(`${question} [y/N] `)
      return /^y(es)?$/i.test(await lineOf(input))
    },
  }
}

const paintWith = (coloured: boolean): Paint => {
  const with_ = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text)
  const { good, bad, doubtful, faint, strong } = colours
  return {
    good: with_(good),
    bad: with_(bad),
    doubtful: with_(doubtful),
    faint: with_(faint),
    strong: with_(strong),
  }
}

const lineOf = (input: NodeJS.ReadStream): Promise<string> =>
  new Promise(resolve => {
    input.once('data', data => {
      input.pause()
      resolve(String(data).trim())
    })
    input.once('end', () => resolve(''))
    input.resume()
  })

/**
 * Rows as aligned columns under their heads, fitted to the screen; `drop` names the heads of what may be left
 * out, the least important first.
 */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  { paint, columns }: Screen,
  drop: readonly string[] = [],
): string => {
  const [head = '', ...lines] = fitted(rows, { columns, drop: drop.map(name => heads.indexOf(name)) }, heads)
  return [paint.faint(head), ...lines].join('\n')
}

/** Milliseconds in words: `850 ms`, `12 s`, `5 min`, `3 h`, `2 d`. */
export const duration = (ms: number): string => (ms < 1_000 ? `${Math.floor(ms)} ms` : formatDuration(ms))

/** The status of an order in its colour. */
export const statusIn = (paint: Paint, status: string): string => {
  if (status === 'confirmed') return paint.good(status)
  return status === 'placed' ? paint.strong(status) : paint.doubtful(status)
}

/** Cents as an amount: 1234 is `12.34`. */
export const amount = (cents: number): string => (cents / 100).toFixed(2)
