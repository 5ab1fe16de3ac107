import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { deserialize, serialize } from 'bson'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../local/mongodb/server.ts'
import { hasCode } from '../../../shared/runtime/errors.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { refusalOf, temporaryFolder } from './targets.ts'

describe('the embedded MongoDB server', () => {
  const root = temporaryFolder()
  let server: EmbeddedMongo
  before(async () => {
    server = await startEmbeddedMongo({ folder: join(root(), 'data'), port: 0, log: silentLog })
  })
  after(() => server.stop())

  it('lets one process have a folder', async () => {
    const second = startEmbeddedMongo({ folder: join(root(), 'data'), port: 0, log: silentLog })
    expect(hasCode(await refusalOf(second), 'folder-taken')).to.equal(true)
  })

  it('frees the folder when it stops, and when it cannot start', async () => {
    const folder = join(root(), 'again')
    const blocked = createServer().listen(0, '127.0.0.1')
    await once(blocked, 'listening')
    const { port } = blocked.address() as { port: number }
    const refused = startEmbeddedMongo({ folder, port, log: silentLog })
    expect(hasCode(await refusalOf(refused), 'port-taken')).to.equal(true)
    blocked.close()
    for (let i = 0; i < 2; i += 1)
      await (await startEmbeddedMongo({ folder, port: 0, log: silentLog })).stop()
  })

  it('finishes what was asked before it stops', async () => {
    const own = await startEmbeddedMongo({ folder: join(root(), 'finishing'), port: 0, log: silentLog })
    const client = await new MongoClient(`mongodb://127.0.0.1:${own.port}`, {
      maxPoolSize: 5,
      serverSelectionTimeoutMS: 500,
    }).connect()
    const collection = client.db('a').collection<{ _id: number }>('c')
    await collection.insertOne({ _id: -1 })
    const inserts = Array.from({ length: 50 }, (_, _id) =>
      collection.insertOne({ _id }).then(
        () => _id,
        () => undefined,
      ),
    )
    await inserts[0]
    await own.stop()
    const acknowledged = (await Promise.all(inserts)).filter(id => id !== undefined)
    await client.close()
    const again = await startEmbeddedMongo({ folder: join(root(), 'finishing'), port: 0, log: silentLog })
    const reader = await new MongoClient(`mongodb://127.0.0.1:${again.port}`).connect()
    const stored = await reader.db('a').collection<{ _id: number }>('c').find().toArray()
    expect(stored.map(({ _id }) => _id)).to.include.members(acknowledged)
    await reader.close()
    await again.stop()
  })

  const message = (opCode: number, flags: number, sections: Buffer): Buffer => {
    const whole = Buffer.concat([Buffer.alloc(20), sections])
    whole.writeInt32LE(whole.length, 0)
    whole.writeInt32LE(7, 4)
    whole.writeInt32LE(opCode, 12)
    whole.writeInt32LE(flags, 16)
    return whole
  }
  const ping = Buffer.concat([Buffer.alloc(1), serialize({ ping: 1, $db: 'admin' })])

  const talk = async (use: (socket: Socket) => Promise<void>) => {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    try {
      await use(socket)
    } finally {
      socket.destroy()
    }
  }
  const answer = async (socket: Socket) => {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    return deserialize(bytes.subarray(21))
  }

  const rude: [title: string, bytes: Buffer][] = [
    ['an opcode that it does not know', message(2004 + 1, 0, ping)],
    ['flags that it must understand and does not', message(2013, 1, ping)],
    ['a length that no message has', Buffer.alloc(32, 0x7f)],
    ['a length that is too short', Buffer.alloc(32)],
    ['something else than the protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ]
  for (const [title, bytes] of rude)
    it(`closes a connection that sends ${title}, and serves the others`, async () => {
      await talk(async socket => {
        socket.write(bytes)
        await once(socket, 'close')
      })
      await talk(async socket => {
        socket.write(message(2013, 0, ping))
        expect(await answer(socket)).to.have.property('ok')
      })
    })

  it('answers malformed BSON with an error and goes on', async () => {
    await talk(async socket => {
      const malformed = Buffer.from(ping)
      malformed.writeInt32LE(3, 1)
      socket.write(message(2013, 0, malformed))
      expect(await answer(socket)).to.include({ code: 22, codeName: 'InvalidBSON' })
      socket.write(message(2013, 0, ping))
      expect(await answer(socket)).not.to.have.property('code')
    })
  })

  it('takes messages in any pieces, and several in one', async () => {
    await talk(async socket => {
      const whole = message(2013, 0, ping)
      for (const byte of whole) socket.write(Buffer.from([byte]))
      expect(await answer(socket)).to.have.property('ok')
      const chunks: Buffer[] = []
      socket.on('data', chunk => chunks.push(chunk))
      socket.write(Buffer.concat([whole, whole, whole.subarray(0, 10)]))
      socket.write(whole.subarray(10))
      const three = 3 * (38 + 0)
      while (Buffer.concat(chunks).length < three) await once(socket, 'data')
      expect(Buffer.concat(chunks).length).to.equal(three)
    })
  })

  it('does not answer what wants no answer', async () => {
    await talk(async socket => {
      socket.write(message(2013, 2, ping))
      const second = message(2013, 0, ping)
      second.writeInt32LE(99, 4)
      socket.write(second)
      const [bytes] = (await once(socket, 'data')) as [Buffer]
      expect(bytes.readInt32LE(8)).to.equal(99)
    })
  })
})
