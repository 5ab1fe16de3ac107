import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * The two ends of a connection within this process. What one writes lies in the socket of the other as soon
 * as `write` returns.
 */
export const connectedSockets = async (): Promise<{ near: Socket; far: Socket }> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const near = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [far] = (await accepted) as [Socket]
  // The server goes on until its connection has ended.
  server.close()
  near.once('close', () => far.destroy())
  return { near, far }
}
