import { ZodError } from 'zod'
import { reportOf } from '../shared/runtime/error-report.ts'
import { SagaError } from '../shared/runtime/errors.ts'

/**
 * What a command ends with. Only `status` ends with `look`: nothing is wrong, and something should be looked
 * at.
 */
export const exits = { done: 0, refused: 1, usage: 2, unreachable: 3, look: 4, interrupted: 130 } as const
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

/** The command line itself is wrong: what is, and what to write instead. */
export const wrongUsage = (detail: string, help: string): Failure =>
  new Failure('usage-invalid', detail, { help, exit: exits.usage })

const unreachable = [
  'no-answer',
  'system-not-found',
  'broker-unavailable',
  'store-unavailable',
  'server-unsupported',
]

/** A service goes on by itself when a server is back; a command does not. */
const helpHere: Readonly<Record<string, string>> = {
  'broker-unavailable':
    'See whether RabbitMQ runs, and whether AMQP_URL and RABBITMQ_MANAGEMENT_URL lead to it; then repeat the command.',
  'store-unavailable':
    'See whether MongoDB runs, and whether MONGODB_URL leads to it; then repeat the command.',
}

/**
 * Anything thrown as a failure. What is none of ours is shown without what it quotes, which may be a secret.
 */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof ZodError) return failureOf(unexpected('something answered with something else', error))
  if (!(error instanceof SagaError)) {
    const { code: reason, error: said, errorAt } = reportOf(error)
    const words = said === undefined ? '' : `: ${said}`
    const place = errorAt === undefined ? '' : ` (${errorAt})`
    return new Failure(reason, `something went wrong that is none of the known errors${words}${place}.`, {
      help: 'Report it with the command that was run.',
    })
  }
  const { code, help, detail } = error
  return new Failure(code, `${detail}.`, { help: helpHere[code] ?? help, exit: exitOf(code) })
}

/**
 * What answered is no system of ours, or one of another version: says where the answer differs, and quotes
 * nothing of it.
 */
export const unexpected = (what: string, { issues }: ZodError): SagaError =>
  new SagaError(
    'answer-unexpected',
    `${what}, in ${issues.map(issue => issue.path.join('.') || 'the whole').join(', ')}`,
    { retry: 'never' },
  )

const exitOf = (code: string): Exit => {
  if (unreachable.includes(code)) return exits.unreachable
  return code === 'config-invalid' ? exits.usage : exits.refused
}
