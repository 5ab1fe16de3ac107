import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { causeIn, codeOf, hasCode, issuesText, SagaError } from './errors.ts'
import { masked, serversOnly, withoutQuotes } from './text/masked.ts'

/** What went wrong, as far as an operator may be shown it. */
export type ErrorReport = {
  readonly code: string
  /** The code of what caused it. */
  readonly cause?: string
  /** What the error says, on one line, without values. */
  readonly error?: string
  /** The first frame in code of this project, `file:line`: the same on every machine. */
  readonly errorAt?: string
  /** The frames, one a line; absent when the error is one that is raised on purpose. */
  readonly stack?: string
  /** Nobody raised it on purpose, and no server or network did: somebody has to look at the code. */
  readonly unexpected: boolean
}

/** As much of a report as goes with a message. */
export type ErrorDetail = Pick<ErrorReport, 'error' | 'errorAt'>

const longestText = 500
const mostFrames = 10

/**
 * Reports anything thrown. What it says is shown without `values`, the sensitive ones of the work that failed;
 * when nobody knows them (`undefined`), without everything that it quotes. Pure.
 */
export const reportOf = (error: unknown, values?: Iterable<string>): ErrorReport => {
  const code = codeOf(error)
  if (!(error instanceof Error)) return { code, unexpected: true }
  const unexpected = !isExpected(error)
  const secrets = values && [...values]
  const said = textOf(error, secrets)
  const frames = unexpected ? framesOf(error, secrets ?? []) : []
  const errorAt = frames.find(isOwn)?.place
  return {
    ...{ code, ...causeIn(error), ...(said !== '' && { error: said }) },
    ...(errorAt !== undefined && { errorAt }),
    ...(frames.length > 0 && { stack: frames.slice(0, mostFrames).map(lineOf).join('\n') }),
    unexpected,
  }
}

const longestBrief = 200
/** What a short string of AMQP holds (bytes). */
const longestBytes = 255

/** What of a report goes with a message and into a story: short texts. Pure. */
export const briefOf = ({
  error,
  errorAt,
}: { [K in keyof ErrorDetail]?: string | undefined }): ErrorDetail => ({
  ...(error !== undefined && { error: brief(error) }),
  ...(errorAt !== undefined && { errorAt: brief(errorAt) }),
})

const brief = (text: string): string => {
  let short = cut(text, longestBrief)
  while (Buffer.byteLength(short) > longestBytes) short = cut(short, short.length - 1)
  return short
}

/**
 * Ours, or what a socket, a server or a deadline says: their code tells enough. That an event does not fit its
 * schema is the fault of whoever made it, and that is our own code unless it came in.
 */
const isExpected = (error: Error): boolean =>
  error instanceof SagaError
    ? !hasCode(error, 'event-invalid')
    : 'syscall' in error ||
      ['TimeoutError', 'AbortError', 'ReplyError', 'MongoNetworkError'].includes(error.name)

const textOf = (error: Error, values: readonly string[] | undefined): string => {
  const said = error instanceof SagaError ? serversOnly(error.detail) : saidBy(error, values !== undefined)
  return cut(onOneLine(masked(said, values ?? [])), longestText)
}

const saidBy = (error: Error, known: boolean): string => {
  if ('issues' in error && Array.isArray(error.issues)) return issuesText(error.issues)
  // Only of what the engine itself says is what it quotes a name for sure; its parser quotes what it reads.
  const names = error.name !== 'SyntaxError' && (known || isOfTheEngine(error))
  return withoutQuotes(String(error.message).slice(0, 4 * longestText), { names })
}

const isOfTheEngine = ({ name }: Error): boolean => name === 'TypeError' || name === 'ReferenceError'

const onOneLine = (text: string): string => text.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim()

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Cs}|…$/gu, '')}…`

type Frame = { readonly what: string; readonly file: string; readonly place: string }

const lineOf = ({ what, place }: Frame): string => (what === '' ? place : `${what} (${place})`)

// What checks an event is not where it went wrong.
const isOwn = ({ file }: Frame): boolean => !/^(node:|node_modules\/|shared\/contract\/event\.)/.test(file)

const frame = /^ {4}at (?:(.*) \()?((?:file:\/\/|node:|\/)[^()]*):(\d+):\d+\)?$/

// After the words of the error, which may look like frames.
const framesOf = ({ stack, message }: Error, values: readonly string[]): Frame[] =>
  String(stack)
    .slice(Math.max(0, String(stack).indexOf(message)) + String(message).length)
    .split('\n')
    .flatMap(line => {
      const [, what = '', path = '', at = ''] = frame.exec(line) ?? []
      if (path === '') return []
      const file = fileOf(path)
      return [{ what: masked(what, values), file, place: `${file}:${at}` }]
    })

// This module is compiled into a folder of the project, and a source map names the source outside of it.
const build = join(dirname(fileURLToPath(import.meta.url)), '../..')
const roots = [build, dirname(build)]

/** A file without what only this machine knows: from the project, from the packages, or its last two names. */
const fileOf = (path: string): string => {
  if (path.startsWith('node:')) return path
  const file = path.startsWith('file://') ? fileURLToPath(path) : path
  const packages = file.lastIndexOf('/node_modules/')
  if (packages >= 0) return file.slice(packages + 1)
  const root = roots.find(folder => file.startsWith(`${folder}/`))
  return root === undefined ? file.split('/').slice(-2).join('/') : relative(root, file)
}
