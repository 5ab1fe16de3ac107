import type { ChannelModel } from 'amqplib'
import { type AmqpAddress, amqpAddressesOf } from '../../runtime/configuration/server-urls.ts'
import { SagaError } from '../../runtime/errors.ts'
import type { Random } from '../../runtime/random.ts'
import { tooOld } from '../../runtime/server-version.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'
import { leastRabbitMq } from '../topology/names.ts'
import { refusalFor } from './connection-refusal.ts'
import { causeOf, dial, dialAny } from './dial.ts'
import { keepReconnecting } from './reconnect.ts'

const goodbyeMs = 1_000
const delays = { base: 100, cap: 5_000 }

export type ConnectionOptions = {
  /** Names its vhost; of a cluster the addresses of its nodes, separated by commas. */
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
 * @throws SagaError `config-invalid` when the URL is none or names no vhost
 */
export const keepConnection = (options: ConnectionOptions, onUp: OnUp): { close(): Promise<void> } => {
  const { clock, random } = options
  const addresses = amqpAddressesOf(options.url)
  let turn = random.int(addresses.length)
  let closed = false
  let current: { model: ChannelModel; end: () => void } | undefined
  const open = async (lost: () => void) => {
    const address = at(addresses, turn++)
    const model = await dial(address, options)
    if (closed) return goodbye(clock, model)
    current = { model, end: attend(model, { ...options, host: address.host }, onUp, lost) }
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

/**
 * A connection that does not come back, to the first address that can be reached: for work that is begun
 * again as a whole. Its loss is for the caller to notice.
 * @throws SagaError `broker-unavailable`, `broker-refused` (a wrong user, password or vhost),
 * `config-invalid`
 */
export const connectOnce = async (options: Omit<ConnectionOptions, 'random'>): Promise<ChannelModel> => {
  const { name, log } = options
  const model = await dialAny(amqpAddressesOf(options.url), options).catch(cause => {
    throw refusalFor(name, cause) ?? new SagaError('broker-unavailable', `${name} cannot connect`, { cause })
  })
  model.on('error', error => log.warn('broker connection failed', { connection: name, ...causeOf(error) }))
  return model
}

const at = (addresses: readonly AmqpAddress[], turn: number): AmqpAddress => {
  const address = addresses[turn % addresses.length]
  if (!address) throw new RangeError('a broker has an address')
  return address
}

/**
 * Listens to a connection before anything else happens on it, and hands it over; returns what ends its use.
 */
const attend = (
  model: ChannelModel,
  { name: connection, log, host }: ConnectionOptions & { host: string },
  onUp: OnUp,
  lost: () => void,
): (() => void) => {
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
