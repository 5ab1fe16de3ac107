import { spell } from '../shared/operations/spell.ts'

/** Where a command writes. Lines for programs and people go to stdout; what only a person waits for goes to stderr. */
export type Terminal = {
  readonly paint: Paint
  /** A line on stdout. */
  say(line: string): void
  /** A line on stderr. */
  warn(line: string): void
  /** Replaces the line that a person sees while something takes long; nothing when stderr is no terminal. */
  progress(line: string): void
  /** Asks for a yes; false when nobody can be asked. */
  confirm(question: string): Promise<boolean>
}

/** Colours by meaning. */
export type Paint = Readonly<
  Record<'good' | 'bad' | 'doubtful' | 'faint' | 'strong', (text: string) => string>
>

type Stream = { write(text: string): unknown; isTTY?: boolean }
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
    say: line => {
      clear()
      out.write(`${line}\n`)
    },
    warn: line => {
      clear()
      err.write(`${line}\n`)
    },
    progress: line => {
      if (err.isTTY !== true) return
      clear()
      err.write(line)
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

/** Rows as aligned columns under their heads; the last column is not padded. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string => {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map(row => bare(row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        i === cells.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - bare(cell).length),
      )
      .join('  ')
      .trimEnd()
  return [paint.faint(line(heads)), ...rows.map(line)].join('\n')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours begin with one
const bare = (cell: string): string => cell.replace(/\u001b\[\d+m/g, '')

/** Milliseconds in words: `850 ms`, `12 s`, `5 min`, `3 h`, `2 d`. */
export const duration = (ms: number): string => (ms < 1_000 ? `${Math.floor(ms)} ms` : spell(ms))

/** The status of an order in its colour. */
export const statusIn = (paint: Paint, status: string): string => {
  if (status === 'confirmed') return paint.good(status)
  return status === 'placed' ? paint.strong(status) : paint.doubtful(status)
}

/** Cents as an amount: 1234 is `12.34`. */
export const amount = (cents: number): string => (cents / 100).toFixed(2)
