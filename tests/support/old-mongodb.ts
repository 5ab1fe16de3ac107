import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

const opReply = 1
const opMsg = 2_013

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
    socket.on('data', message => socket.write(answer(message, hello)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A legacy question gets a legacy reply: flags, cursor, from, count. */
const answer = (message: Buffer, document: Uint8Array): Buffer => {
  const isMessage = message.readInt32LE(12) === opMsg
  const head = Buffer.alloc(isMessage ? 21 : 36)
  head.writeInt32LE(head.length + document.length, 0)
  head.writeInt32LE(message.readInt32LE(4), 8)
  head.writeInt32LE(isMessage ? opMsg : opReply, 12)
  if (!isMessage) head.writeInt32LE(1, 32)
  return Buffer.concat([head, document])
}
