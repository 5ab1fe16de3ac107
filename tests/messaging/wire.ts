import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../../local/bring-up/ports.ts'

/** A wire between client and server that a test can hold and cut. */
export type Wire = {
  readonly port: number
  /** Bytes stop in both directions while every connection stays up. */
  stall(): void
  goOn(): void
  /** Ends every connection and refuses new ones until `goOn`. */
  cut(): void
  /** Gives every client these bytes, as if the server had sent them; only while nothing else is under way. */
  inject(bytes: Buffer): void
  close(): Promise<void>
}

/** Listens on a free port of loopback and passes everything on to `target`. */
export const startWire = async (target: number): Promise<Wire> => {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  const state = { stalled: false, refusing: false }
  const keep = (socket: Socket, other: () => Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      clients.delete(socket)
      other().destroy()
    })
    socket.on('data', chunk => other().write(chunk))
    if (state.stalled) socket.pause()
  }
  const join = (near: Socket, far: Socket) => {
    clients.add(near)
    keep(near, () => far)
    keep(far, () => near)
  }
  const server = createServer(near => {
    if (state.refusing) near.destroy()
    else join(near, connect(target, '127.0.0.1'))
  })
  const port = await freePort()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const cut = () => {
    state.refusing = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    ...{ port, cut },
    inject: bytes => {
      for (const client of clients) client.write(bytes)
    },
    stall: () => {
      state.stalled = true
      for (const socket of sockets) socket.pause()
    },
    goOn: () => {
      Object.assign(state, { stalled: false, refusing: false })
      for (const socket of sockets) socket.resume()
    },
    close: () => {
      cut()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** A frame with a method of class connection (10): 60 is blocked with its reason, 61 unblocked. */
export const connectionMethod = (method: number, content: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 4 + content.length, 0, 10, 0, method])
  return Buffer.concat([head, content, Buffer.from([0xce])])
}
