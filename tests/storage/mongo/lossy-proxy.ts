import { type AddressInfo, createServer, type Socket } from 'node:net'
import { upstreamOf } from '../../support/upstream.ts'

/**
 * A way to a local port that can lose what comes back: the request arrives and is done, then the connection
 * breaks.
 */
export const proxyTo = async (port: number) => {
  let losing = false
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const { upstream, end } = upstreamOf(client, port, sockets)
    client.pipe(upstream)
    upstream.on('data', answer => (losing ? end() : client.write(answer)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswers: () => {
      losing = true
    },
    mend: () => {
      losing = false
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
