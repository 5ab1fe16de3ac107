import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A port at which a real server is found only after a while. */
export type LateServer = {
  readonly port: number
  /** Resolves when it is there. */
  readonly there: Promise<void>
  close(): void
}

/**
 * How a server is away: nothing listens, or everything is taken in and never answered, as behind a firewall
 * or with a process that hangs.
 */
export type Absence = 'refuses' | 'swallows'

/**
 * For how long servers are away (ms): one time longer than every time-out on the way to a connection.
 * `CHOREO_ABSENT_SECONDS` asks for others.
 */
export const absentMs: readonly number[] = (process.env.CHOREO_ABSENT_SECONDS ?? '1,20')
  .split(',')
  .map(seconds => 1_000 * Number(seconds))

/**
 * Passes connections on to `target` from `ms` on; what came before is `refuse`d at once or swallowed, and
 * then cut.
 */
export const lateServer = async (target: number, absence: Absence, ms: number): Promise<LateServer> => {
  const sockets = new Set<Socket>()
  let isThere = false
  const keep = (socket: Socket, other?: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      other?.destroy()
    })
  }
  const join = (near: Socket) => {
    const far = connect(target, '127.0.0.1')
    keep(near, far)
    keep(far, near)
    near.pipe(far).pipe(near)
  }
  const server = createServer(near => {
    if (isThere) return join(near)
    if (absence === 'refuses') return near.destroy()
    keep(near)
    near.resume()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const there = new Promise<void>(resolve => setTimeout(resolve, ms)).then(() => {
    isThere = true
    for (const socket of sockets) socket.destroy()
  })
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, there, close }
}
