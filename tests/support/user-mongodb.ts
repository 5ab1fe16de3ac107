import { createServer, type Socket } from 'node:net'
import { BSON, type Document } from 'mongodb'
import { listening, reply } from './mongodb-replies.ts'

/** A stand-in for a MongoDB that keeps users and roles, and does nothing else. */
export type UserMongoDb = {
  readonly port: number
  /** Users by name, as the last command about them said. */
  readonly users: ReadonlyMap<string, Document>
  readonly roles: ReadonlyMap<string, Document>
  close(): void
}

/** As the server does: what is there is not created, and what is not there is not changed. */
const keep = (kept: Map<string, Document>, name: string, isNew: boolean, given: Document): Document => {
  if (kept.has(name) === isNew) return { ok: 0, code: isNew ? 51_003 : 11, errmsg: 'refused' }
  const { pwd, roles, privileges, $db } = given
  kept.set(name, { roles, $db, ...(pwd && { pwd }), ...(privileges && { privileges }) })
  return { ok: 1 }
}

const header = 16
const opMsg = 2_013

export const userMongoDb = async (): Promise<UserMongoDb> => {
  const [users, roles] = [new Map<string, Document>(), new Map<string, Document>()]
  const hello = { isWritablePrimary: true, helloOk: true, minWireVersion: 0, maxWireVersion: 25 }
  const kept = { User: users, Role: roles }
  const answerTo = (command: Document): Document => {
    const [[name = '', about] = []] = Object.entries(command)
    const [, verb, kind] = /^(create|update)(User|Role)$/.exec(name) ?? []
    if (kind === 'User' || kind === 'Role') return keep(kept[kind], about, verb === 'create', command)
    const has = (things: ReadonlyMap<string, Document>) => (things.has(about) ? [{ name: about }] : [])
    return { ok: 1, ...(name.endsWith('Info') ? { users: has(users), roles: has(roles) } : hello) }
  }
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    // A driver waits for the answer before it asks again, so that messages come one by one.
    socket.on('data', message => socket.write(reply(message, BSON.serialize(answerTo(commandIn(message))))))
  })
  return {
    ...{ users, roles, port: await listening(server) },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The document of a message: header, flags, kind of the section. A legacy one only ever says hello. */
const commandIn = (message: Buffer): Document =>
  message.readInt32LE(12) === opMsg ? BSON.deserialize(message.subarray(header + 4 + 1)) : { hello: 1 }
