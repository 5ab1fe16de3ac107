import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { codeOf, SagaError } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/log.ts'
import { execute } from './commands.ts'
import { lockFolder } from './folder-lock.ts'
import { openStorage, type Storage } from './storage.ts'
import { messageCutter, type Request, readRequest } from './wire.ts'

/** A running embedded server. */
export type EmbeddedMongo = {
  port: number
  /** Resolves with the error when the disk refuses a write, after which nothing is answered any more. */
  failed: Promise<unknown>
  /** Finishes what was asked, flushes and lets go of port and folder. */
  stop(): Promise<void>
}

/**
 * Starts the embedded MongoDB server, for development and tests only, on the data of `folder`; port 0 is any free one.
 * @throws SagaError `port-taken`, `folder-taken` when another server has the folder, `data-damaged`
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

type Connection = { socket: Socket; end(): Promise<void> }

// Requests of a connection are answered one after the other, as MongoDB does.
const serve = (socket: Socket, storage: Storage, log: Log): Connection => {
  const cut = messageCutter()
  let working: Promise<void> = Promise.resolve()
  const refuse = (error: unknown) => {
    log.warn('a connection is closed', { code: codeOf(error) })
    socket.destroy()
  }
  const answer = async (request: Request): Promise<void> => {
    const bytes = await execute(storage, request.command)
    if (!request.silent && !socket.destroyed) socket.write(request.frame(bytes))
  }
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    try {
      for (const request of cut(chunk).map(readRequest))
        working = working.then(() => answer(request)).catch(refuse)
    } catch (error) {
      refuse(error)
    }
  })
  const end = async () => {
    socket.pause()
    await working
    socket.destroySoon()
  }
  return { socket, end }
}
