import { type ChannelModel, connect } from 'amqplib'
import { type Clock, within } from '../../runtime/clock.ts'
import { codeOf, SagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Random } from '../../runtime/random.ts'
import { comeBack } from './come-back.ts'

const heartbeatSeconds = 10
const dialMs = 10_000
const goodbyeMs = 1_000
const delays = { base: 100, cap: 10_000 }

export type ConnectionOptions = {
  readonly url: string
  /** As the management pages show it; also in the log. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** What happens on a connection while it is up. */
export type ConnectionUse = {
  /** The broker takes no publishes (`true`: memory or disk is short), or takes them again. */
  blocked?(now: boolean): void
  /** The connection is gone for good; another one is on its way. */
  down(): void
}

/**
 * Keeps one connection to the broker up: dials, hands it to `onUp`, and dials again after every loss.
 * `abandon` gives up a connection that turned out to be useless.
 * @throws SagaError `config-invalid` when the URL is none
 */
export const keepConnection = (
  options: ConnectionOptions,
  onUp: (model: ChannelModel, abandon: () => void) => ConnectionUse,
): { close(): Promise<void> } => {
  const { clock, random } = options
  const url = urlWithHeartbeat(options.url)
  let closed = false
  let current: { model: ChannelModel; end: () => void } | undefined
  const open = async (lost: () => void) => {
    const model = await dial(url, options)
    if (closed) return goodbye(clock, model)
    current = { model, end: attend(model, options, onUp, lost) }
  }
  const kept = comeBack({ clock, random, delays, open })
  const close = async () => {
    closed = true
    kept.stop()
    current?.end()
    if (current) await goodbye(clock, current.model)
  }
  return { close }
}

// The heartbeat is an option of the URL only. The error of a bad URL would quote it, and with it the password.
const urlWithHeartbeat = (url: string): string => {
  if (!URL.canParse(url) || !/^amqps?:/.test(url))
    throw new SagaError(
      'config-invalid',
      'the URL of the broker is not amqp://user:password@host:port/vhost',
      {
        retry: 'never',
      },
    )
  const parsed = new URL(url)
  parsed.searchParams.set('heartbeat', String(heartbeatSeconds))
  return parsed.href
}

/**
 * A connection that does not come back: for work that is begun again as a whole. Its loss is for the caller to notice.
 * @throws SagaError `broker-unavailable`, `broker-refused` (a wrong user, password or vhost), `config-invalid`
 */
export const connectOnce = async (options: Omit<ConnectionOptions, 'random'>): Promise<ChannelModel> => {
  const url = urlWithHeartbeat(options.url)
  const model = await dial(url, options).catch(cause => {
    const refused = cause instanceof Error && /\b(403|530)\b|ACCESS.REFUSED|NOT.ALLOWED/.test(cause.message)
    throw new SagaError(refused ? 'broker-refused' : 'broker-unavailable', `${options.name} cannot connect`, {
      retry: refused ? 'never' : 'later',
      cause,
    })
  })
  model.on('error', error =>
    options.log.warn('broker connection failed', { connection: options.name, ...causeOf(error) }),
  )
  return model
}

const dial = async (
  url: string,
  { name, log }: Pick<ConnectionOptions, 'name' | 'log'>,
): Promise<ChannelModel> => {
  try {
    return await connect(url, {
      noDelay: true,
      timeout: dialMs,
      clientProperties: { connection_name: name },
    })
  } catch (error) {
    log.warn('broker cannot be reached', { connection: name, ...causeOf(error) })
    throw error
  }
}

/** Listens to a connection before anything else happens on it, and hands it over; returns what ends its use. */
const attend = (
  model: ChannelModel,
  { name: connection, log }: ConnectionOptions,
  onUp: (model: ChannelModel, abandon: () => void) => ConnectionUse,
  lost: () => void,
): (() => void) => {
  let use: ConnectionUse | undefined
  let over = false
  const end = (error?: unknown) => {
    if (over) return
    over = true
    if (error) log.warn('broker connection lost', { connection, ...causeOf(error) })
    use?.down()
    lost()
  }
  model.on('error', error => log.warn('broker connection failed', { connection, ...causeOf(error) }))
  model.on('close', end)
  model.on('blocked', reason => {
    log.warn('broker blocks publishers', { connection, detail: reason })
    use?.blocked?.(true)
  })
  model.on('unblocked', () => {
    log.info('broker takes publishes again', { connection })
    use?.blocked?.(false)
  })
  log.info('broker connection is up', { connection })
  use = onUp(model, () => {
    model.close().catch(() => {})
    end(new Error('no channel could be opened'))
  })
  return end
}

/** Closes politely, and stops waiting when the broker does not answer. */
const goodbye = async (clock: Clock, model: ChannelModel): Promise<void> => {
  await within(
    clock,
    goodbyeMs,
    model.close().catch(() => {}),
  )
}

/** Why, for the log. The text of AMQP and socket errors names exchanges, queues, users and addresses, never bodies or passwords. */
export const causeOf = (error: unknown): { code: string; detail?: string } => ({
  code: codeOf(error),
  ...(error instanceof Error ? { detail: error.message } : {}),
})
