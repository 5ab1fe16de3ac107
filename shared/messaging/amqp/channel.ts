import type { Channel } from 'amqplib'
import type { Random } from '../../runtime/random.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { AbandonConnection } from './connection.ts'
import { causeOf } from './dial.ts'
import { keepReconnecting } from './reconnect.ts'

/** What happens to a channel that was handed out. */
export type ChannelUse = {
  /** The broker refused something and is about to close the channel; comes before `gone`. */
  failed(error: Error): void
  /** The channel is gone; another one is on its way while the connection is up. */
  gone(): void
}

/**
 * Keeps one channel open on a connection that is up: opens it, hands it to `use`, and opens it again with
 * back-off when it closes. Calls `abandon` when the connection gives no channel. `stop` opens no further one
 * and closes nothing.
 */
export const keepChannel = <C extends Channel>(options: {
  name: string
  clock: Clock
  random: Random
  log: Log
  make: () => Promise<C>
  use: (channel: C) => ChannelUse
  abandon: AbandonConnection
  /** Of the back-off, in milliseconds. */
  delays: { base: number; cap: number }
}): { stop(): void } => {
  const { name: connection, clock, random, log, make, use, abandon, delays } = options
  let stopped = false
  const open = async (lost: () => void) => {
    const channel = await make().catch(error => {
      if (!stopped) abandon('no channel could be opened')
      throw error
    })
    if (stopped) return
    let used: ChannelUse | undefined
    channel.on('error', error => {
      log.warn('broker closed a channel', { connection, ...causeOf(error) })
      used?.failed(error)
    })
    channel.on('handler-error', error =>
      log.error('channel listener failed', { connection, ...causeOf(error) }),
    )
    channel.on('close', () => {
      used?.gone()
      lost()
    })
    used = use(channel)
  }
  const kept = keepReconnecting({ clock, random, delays, open })
  const stop = () => {
    stopped = true
    kept.stop()
  }
  return { stop }
}
