import { type ChannelModel, connect, type Options } from 'amqplib'
import type { AmqpAddress } from '../../runtime/configuration/server-urls.ts'
import { codeOf, hasCode } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { refusalOf } from './connection-refusal.ts'
import { closeReasonOf } from './opening.ts'

const heartbeatSeconds = 10
const dialMs = 10_000

/** Who dials, as the management pages show it, and who is told of a failure. */
export type DialOptions = { readonly name: string; readonly log: Log }

/**
 * Connects to one address. Whatever fails is logged.
 * @throws SagaError `broker-refused` when the broker answers and does not let us in; else whatever the socket
 * raised
 */
export const dial = async (address: AmqpAddress, { name, log }: DialOptions): Promise<ChannelModel> => {
  const { host } = address
  try {
    return await connect(connectOptions(address), {
      noDelay: true,
      timeout: dialMs,
      clientProperties: { connection_name: name },
    })
  } catch (error) {
    const refusal = await refusalIn(error, address)
    if (refusal) {
      const { code, detail } = refusal
      log.warn('the broker refuses the connection', { connection: name, host, code, error: detail })
    } else log.warn('broker cannot be reached', { connection: name, host, ...causeOf(error) })
    throw refusal ?? error
  }
}

/** Connects to the first address that can be reached; a refusal says more than a node that is away. */
export const dialAny = async (
  addresses: readonly AmqpAddress[],
  options: DialOptions,
): Promise<ChannelModel> => {
  const failures: unknown[] = []
  for (const address of addresses)
    try {
      return await dial(address, options)
    } catch (error) {
      failures.push(error)
    }
  throw failures.find(error => hasCode(error, 'broker-refused')) ?? failures[0]
}

// Not as a URL: the library reads escapes as Latin-1, and a vhost that is missing as `/`.
const connectOptions = ({ protocol, hostname, port, user, password, vhost, options }: AmqpAddress) => {
  const given = (name: string) => (options.has(name) ? { [name]: Number(options.get(name)) } : {})
  return {
    ...{ protocol, hostname, port, username: user, password },
    ...{ vhost: encodeURIComponent(vhost), heartbeat: heartbeatSeconds },
    ...{ ...given('channelMax'), ...given('frameMax') },
  } satisfies Options.Connect
}

/** What the broker holds against us, or undefined when it said nothing. */
const refusalIn = async (error: unknown, address: AmqpAddress) => {
  const text = error instanceof Error ? error.message : ''
  if (/\bACCESS.REFUSED\b/.test(text)) return refusalOf({ code: 403, text }, address)
  // The library drops the reason for which a connection is closed at once, so it is asked for again.
  if (!/got <ConnectionClose/.test(text)) return undefined
  const reason = await closeReasonOf(address, dialMs)
  return reason && refusalOf(reason, address)
}

/**
 * Why, for the log. The text of AMQP and socket errors names exchanges, queues, users and addresses, never
 * bodies or passwords.
 */
export const causeOf = (error: unknown): { code: string; error?: string } => ({
  code: codeOf(error),
  ...(error instanceof Error ? { error: error.message } : {}),
})
