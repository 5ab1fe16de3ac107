import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type MongoDb, startMongoDb } from '../../../local/servers/mongodb.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { connectMongo, type Mongo } from '../../../shared/storage/mongo/connection.ts'
import { until } from '../../messaging/messages.ts'
import { startWire, type Wire } from '../../messaging/wire.ts'
import { logInto } from '../../support/log.ts'

const quick = 'heartbeatFrequencyMS=500&connectTimeoutMS=500&serverSelectionTimeoutMS=500'

describe('a client of MongoDB whose driver has stopped looking at the server', function () {
  this.timeout(60_000)
  let folder: string
  let server: MongoDb
  let wire: Wire
  let mongo: Mongo
  const lines: string[] = []
  const sockets: Socket[] = []
  const note = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () => {
      if (socket.remotePort === wire.port) sockets.push(socket)
    })
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
    server = await startMongoDb({ folder, log: silentLog, program: 'embedded' })
    wire = await startWire(server.port)
    subscribe('net.client.socket', note)
    mongo = connectMongo({ url: `mongodb://127.0.0.1:${wire.port}/?${quick}`, log: logInto(lines) })
    await mongo.ping()
  })
  after(async () => {
    unsubscribe('net.client.socket', note)
    await mongo?.close()
    await wire?.close()
    await server?.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const answers = () =>
    mongo.ping().then(
      () => true,
      () => false,
    )
  /**
   * What befalls a command that is written between the end of its socket and the `close` event: it is not
   * sent, and nothing drains.
   */
  const losesTheNextLook = (monitor: Socket) =>
    new Promise<void>(resolve => {
      monitor.write = () => {
        resolve()
        setImmediate(() => monitor.destroy())
        return false
      }
    })

  it('is connected anew by itself, and a handle from before goes on', async () => {
    const orders = mongo.db('choreo-test').collection('orders')
    await orders.insertOne({ token: 1 })
    const [monitor] = sockets
    await losesTheNextLook(monitor as Socket)
    wire.cut()
    wire.goOn()
    await until('it answers no more', async () => !(await answers()))
    await until('it answers again', answers, 30_000)
    expect(await orders.find().toArray()).to.have.length(1)
    expect(lines.join('\n')).to.include('the driver has stopped looking at mongodb; connecting anew')
  })
})
