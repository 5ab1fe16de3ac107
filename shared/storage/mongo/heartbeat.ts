import type { MongoClient } from 'mongodb'
import { type Clock, systemClock } from '../../runtime/time/clock.ts'

// Beyond the driver's own bounds, so that only a look without end is taken for one.
const graceMs = 5_000

/**
 * Calls `lost` when a look of the driver at a server neither succeeds nor fails within the time that the
 * driver itself gives it. A command that is written between the end of a socket and its `close` event waits
 * for a `drain` that never comes (driver 7.8 and 7.9, seen with a server that was killed). When that befalls
 * the driver's monitor, its server is unknown from then on, for all calls and without end.
 */
export const onLostHeartbeat = (
  client: MongoClient,
  lost: (server: string) => void,
  clock: Clock = systemClock,
): void => {
  const { heartbeatFrequencyMS, connectTimeoutMS } = client.options
  const open = new Map<string, () => void>()
  const ended = (server: string) => {
    open.get(server)?.()
    open.delete(server)
  }
  client.on('serverHeartbeatStarted', ({ connectionId: server }) => {
    ended(server)
    open.set(
      server,
      clock.after(heartbeatFrequencyMS + connectTimeoutMS + graceMs, () => lost(server)),
    )
  })
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => ended(connectionId))
  client.on('serverHeartbeatFailed', ({ connectionId }) => ended(connectionId))
  client.on('serverClosed', ({ address }) => ended(address))
}
