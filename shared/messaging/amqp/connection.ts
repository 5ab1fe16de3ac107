import { type ChannelModel, connect } from 'amqplib'
import { addressesIn } from '../../runtime/configuration/addresses.ts'
import { codeOf, SagaError } from '../../runtime/errors.ts'
import type { Random } from '../../runtime/random.ts'
import { tooOld } from '../../runtime/server-version.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'
import { leastRabbitMq } from '../topology/names.ts'
import { keepReconnecting } from './reconnect.ts'

const heartbeatSeconds = 10
const dialMs = 10_000
const goodbyeMs = 1_000
const delays = { base: 100, cap: 5_000 }

export type ConnectionOptions = {
  /** Of a cluster the addresses of its nodes, separated by commas. */
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

/** Gives up a connection for this reason. */
export type AbandonConnection = (why: string) => void

type OnUp = (model: ChannelModel, abandon: AbandonConnection) => ConnectionUse

/**
 * Keeps one connection to the broker up: dials, hands it to `onUp`, and dials again after every loss. Of
 * several addresses it begins with any, so that connections spread over the nodes, and takes the next one
 * after every failure and loss. `abandon` gives up a connection that turned out to be useless, for this
 * reason.
 * @throws SagaError `config-invalid` when the URL is none
 */
export const keepConnection = (options: ConnectionOptions, onUp: OnUp): { close(): Promise<void> } => {
  const { clock, random } = options
  const addresses = addressesWithHeartbeat(options.url)
  let turn = random.int(addresses.length)
  let closed = false
  let current: { model: ChannelModel; end: () => void } | undefined
  const open = async (lost: () => void) => {
    const url = addresses[turn++ % addresses.length] ?? ''
    const model = await dial(url, options)
    if (closed) return goodbye(clock, model)
    current = { model, end: attend(model, { ...options, url }, onUp, lost) }
  }
  const kept = keepReconnecting({ clock, random, delays, open })
  const close = async () => {
    closed = true
    kept.stop()
    current?.end()
    if (current) await goodbye(clock, current.model)
  }
  return { close }
}

const addressesWithHeartbeat = (text: string): string[] => addressesIn(text).map(urlWithHeartbeat)

// The heartbeat is an option of the URL only. The error of a bad URL would quote it, and with it the
// password.
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
 * A connection that does not come back, to the first address that can be reached: for work that is begun
 * again as a whole. Its loss is for the caller to notice.
 * @throws SagaError `broker-unavailable`, `broker-refused` (a wrong user, password or vhost),
 * `config-invalid`
 */
export const connectOnce = async (options: Omit<ConnectionOptions, 'random'>): Promise<ChannelModel> => {
  const model = await dialAny(addressesWithHeartbeat(options.url), options).catch(cause => {
    const refused = isRefusal(cause)
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

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /\b(403|530)\b|ACCESS.REFUSED|NOT.ALLOWED/.test(error.message)

/** A refusal says more than a node that cannot be reached. */
const dialAny = async (
  urls: readonly string[],
  options: Pick<ConnectionOptions, 'name' | 'log'>,
): Promise<ChannelModel> => {
  const failures: unknown[] = []
  for (const url of urls)
    try {
      return await dial(url, options)
    } catch (error) {
      failures.push(error)
    }
  throw failures.find(isRefusal) ?? failures[0]
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
    log.warn('broker cannot be reached', { connection: name, host: hostOf(url), ...causeOf(error) })
    throw error
  }
}

const hostOf = (url: string): string => new URL(url).host

/**
 * Listens to a connection before anything else happens on it, and hands it over; returns what ends its use.
 */
const attend = (
  model: ChannelModel,
  { name: connection, log, url }: ConnectionOptions,
  onUp: OnUp,
  lost: () => void,
): (() => void) => {
  const host = hostOf(url)
  let use: ConnectionUse | undefined
  let over = false
  const end = (error?: unknown) => {
    if (over) return
    over = true
    if (error) log.warn('broker connection lost', { connection, host, ...causeOf(error) })
    use?.down()
    lost()
  }
  model.on('error', error => log.warn('broker connection failed', { connection, host, ...causeOf(error) }))
  model.on('close', end)
  model.on('blocked', reason => {
    log.warn('broker blocks publishers', { connection, host, error: reason })
    use?.blocked?.(true)
  })
  model.on('unblocked', () => {
    log.info('broker takes publishes again', { connection, host })
    use?.blocked?.(false)
  })
  log.info('broker connection is up', { connection, host })
  const old = tooOld('RabbitMQ', model.connection.serverProperties.version, leastRabbitMq)
  if (old !== undefined) log.error('the broker is too old', { connection, host, error: old })
  use = onUp(model, why => {
    model.close().catch(() => {})
    end(new Error(why))
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

/**
 * Why, for the log. The text of AMQP and socket errors names exchanges, queues, users and addresses, never
 * bodies or passwords.
 */
export const causeOf = (error: unknown): { code: string; error?: string } => ({
  code: codeOf(error),
  ...(error instanceof Error ? { error: error.message } : {}),
})
