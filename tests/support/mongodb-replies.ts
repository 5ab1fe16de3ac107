import type { AddressInfo, Server } from 'node:net'

const opReply = 1
const opMsg = 2_013

/** The answer with this document; a legacy question gets a legacy reply: flags, cursor, from, count. */
export const reply = (message: Buffer, document: Uint8Array): Buffer => {
  const isMessage = message.readInt32LE(12) === opMsg
  const head = Buffer.alloc(isMessage ? 21 : 36)
  head.writeInt32LE(head.length + document.length, 0)
  head.writeInt32LE(message.readInt32LE(4), 8)
  head.writeInt32LE(isMessage ? opMsg : opReply, 12)
  if (!isMessage) head.writeInt32LE(1, 32)
  return Buffer.concat([head, document])
}

/** The port on loopback on which a server listens from now on. */
export const listening = async (server: Server): Promise<number> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
