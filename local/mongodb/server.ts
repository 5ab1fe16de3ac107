import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { codeOf, SagaError } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { type Connection, serve } from './protocol/connection.ts'
import { lockFolder } from './storage/folder-lock.ts'
import { openStorage } from './storage/storage.ts'

/** A running embedded server. */
export type EmbeddedMongo = {
  port: number
  /** Resolves with the error when the disk refuses a write, after which nothing is answered any more. */
  failed: Promise<unknown>
  /** Finishes what was asked, flushes and lets go of port and folder. */
  stop(): Promise<void>
}

/**
 * Starts the embedded MongoDB server, for development and tests only, on the data of `folder`; port 0 is any
 * free one.
 * @throws SagaError `port-taken`, `folder-taken` when another server has the folder, `data-damaged`,
 * `backend-mismatch` for the data of an older one
 */
export const startEmbeddedMongo = async (options: {
  folder: string
  port: number
  log: Log
  /** Journal size in bytes above which it is compacted. */
  compactAbove?: number
}): Promise<EmbeddedMongo> => {
  const { folder, log } = options
  mkdirSync(folder, { recursive: true })
  const unlock = await lockFolder(folder)
  try {
    const storage = await openStorage(folder, log, options.compactAbove)
    const connections = new Set<Connection>()
    const server = createServer(socket => {
      const connection = serve(socket, storage, log)
      connections.add(connection)
      socket.once('close', () => connections.delete(connection))
    })
    const port = await listen(server, options.port).catch(error =>
      storage.close().then(() => Promise.reject(error)),
    )
    void storage.failed.then(() => {
      for (const { socket } of connections) socket.destroy()
    })
    const stop = async () => {
      server.close()
      await Promise.all([...connections].map(connection => connection.end()))
      await storage.close()
      await unlock()
    }
    log.info('embedded MongoDB server is ready; it is for development and tests only', { port, folder })
    return { port, failed: storage.failed, stop }
  } catch (error) {
    await unlock()
    throw error
  }
}

const listen = async (server: ReturnType<typeof createServer>, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch(cause => {
    throw new SagaError('port-taken', `port ${port} cannot be listened on (${codeOf(cause)})`, { cause })
  })
  return (server.address() as AddressInfo).port
}
