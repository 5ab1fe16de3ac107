import { connect, type Socket } from 'node:net'

/**
 * The server's end of a connection that a proxy passes on to a local port. Both ends are added to `sockets`,
 * and each closes with the other; `end` closes them.
 */
export const upstreamOf = (client: Socket, port: number, sockets: Set<Socket>) => {
  const upstream = connect(port, '127.0.0.1')
  const end = () => {
    client.destroy()
    upstream.destroy()
  }
  for (const socket of [client, upstream]) {
    sockets.add(socket)
    socket.on('error', end).on('close', end)
  }
  return { upstream, end }
}
