import { createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import { listening, reply } from './mongodb-replies.ts'

/** Something that says it is a MongoDB of these wire versions, and answers nothing else. */
export const oldMongoDb = async (minWireVersion: number, maxWireVersion: number) => {
  const sockets = new Set<Socket>()
  const hello = BSON.serialize({
    ...{ ok: 1, isWritablePrimary: true, helloOk: true, maxBsonObjectSize: 16_777_216 },
    ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, minWireVersion, maxWireVersion },
  })
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', message => socket.write(reply(message, hello)))
  })
  return {
    port: await listening(server),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
