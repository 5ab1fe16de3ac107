import { codeOf, SagaError } from '../shared/runtime/errors.ts'

/** What a command ends with. */
export const exits = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const
export type Exit = (typeof exits)[keyof typeof exits]

/** Why a command could not do what it was asked, what to do next, and the code it exits with. */
export class Failure extends Error {
  readonly code: string
  readonly detail: string
  readonly help: string
  readonly exit: Exit

  constructor(
    code: string,
    detail: string,
    { help = '', exit = exits.refused }: { help?: string; exit?: Exit } = {},
  ) {
    super(`${code}: ${detail}${help && ` ${help}`}`)
    this.code = code
    this.detail = detail
    this.help = help
    this.exit = exit
  }
}

const unreachable = [
  'no-answer',
  'system-not-found',
  'broker-unavailable',
  'store-unavailable',
  'server-unsupported',
]

/** Anything thrown as a failure. What is none of ours is told by its code alone: its text may quote a secret. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (!(error instanceof SagaError))
    return new Failure(codeOf(error), 'something went wrong that is none of the known errors.', {
      help: 'Report it with the command that was run.',
    })
  const { code, help } = error
  const detail = error.message.slice(`${code}: `.length, error.message.length - help.length).trim()
  return new Failure(code, detail, { help, exit: exitOf(code) })
}

const exitOf = (code: string): Exit => {
  if (unreachable.includes(code)) return exits.unreachable
  return code === 'config-invalid' ? exits.usage : exits.refused
}
