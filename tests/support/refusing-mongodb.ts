import { createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'
import { listening, reply } from './mongodb-replies.ts'
import { upstreamOf } from './upstream.ts'

/** What becomes of a write: it is done, or refused with this code of the server, or never answered. */
export type Writes = 'taken' | 'swallowed' | { readonly code: number; readonly codeName: string }

/** A way to a real MongoDB on which reads pass, and writes only while the test lets them. */
export type RefusingMongoDb = {
  readonly port: number
  /** How many writes came while they were not taken. */
  readonly refused: () => number
  writes(now: Writes): void
  close(): void
}

const opMsg = 2_013
const writing = new Set(['insert', 'update', 'delete', 'findAndModify', 'bulkWrite', 'createIndexes'])

export const refusingMongoDb = async (port: number): Promise<RefusingMongoDb> => {
  const state = { writes: 'taken' as Writes, refused: 0 }
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const { upstream } = upstreamOf(client, port, sockets)
    upstream.pipe(client)
    client.on(
      'data',
      byMessage(message => {
        if (state.writes === 'taken' || !writing.has(commandOf(message))) return upstream.write(message)
        state.refused += 1
        return state.writes === 'swallowed' || client.write(refusal(message, state.writes))
      }),
    )
  })
  return {
    port: await listening(server),
    refused: () => state.refused,
    writes: now => {
      state.writes = now
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const byMessage = (take: (message: Buffer) => void) => {
  let left = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    left = Buffer.concat([left, chunk])
    while (left.length >= 4 && left.length >= left.readInt32LE(0)) {
      const length = left.readInt32LE(0)
      take(left.subarray(0, length))
      left = left.subarray(length)
    }
  }
}

/** The first field of the command's document: header, flags, kind of the section, length, type, name. */
const commandOf = (message: Buffer): string => {
  if (message.readInt32LE(12) !== opMsg) return 'hello'
  const name = 16 + 4 + 1 + 4 + 1
  return message.toString('latin1', name, message.indexOf(0, name))
}

const refusal = (message: Buffer, { code, codeName }: Exclude<Writes, string>): Buffer =>
  reply(message, BSON.serialize({ ok: 0, code, codeName, errmsg: 'the test refuses this write' }))
