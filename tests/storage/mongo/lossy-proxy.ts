import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A way to a local port that can lose what comes back: the request arrives and is done, then the connection
 * breaks.
 */
export const proxyTo = async (port: number) => {
  let losing = false
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1')
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
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
