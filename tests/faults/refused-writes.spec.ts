import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type MongoDb, startMongoDb } from '../../local/servers/mongodb.ts'
import type { Payment } from '../../services/payment/domain.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import type { Engine } from '../../shared/saga/engine.ts'
import { connectMongo, type Mongo } from '../../shared/storage/mongo/connection.ts'
import { until } from '../messaging/messages.ts'
import { type RefusingMongoDb, refusingMongoDb, type Writes } from '../support/refusing-mongodb.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { openPaymentInbox, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'

const troubles: readonly [string, Writes][] = [
  ['refused because the primary steps down (189)', { code: 189, codeName: 'PrimarySteppedDown' }],
  ['refused for want of a right (13)', { code: 13, codeName: 'Unauthorized' }],
  ['refused with a code that nobody knows (8000)', { code: 8_000, codeName: 'AtlasError' }],
  ['swallowed', 'swallowed'],
]

describe('a store that is read and takes no writes', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  const folder = mkdtempSync(join(tmpdir(), 'choreo-refused-writes-'))
  let server: MongoDb
  let way: RefusingMongoDb
  let mongo: Mongo
  let inbox: PaymentInbox
  let engine: Engine<Payment>

  before(async () => {
    server = await startMongoDb({ folder, log: silentLog, program: 'embedded' })
    way = await refusingMongoDb(server.port)
    const url = `mongodb://127.0.0.1:${way.port}/?directConnection=true&socketTimeoutMS=1500`
    mongo = connectMongo({ url, log: silentLog })
  })
  after(async () => {
    await mongo.close()
    way.close()
    await server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  beforeEach(async () => {
    inbox = await openPaymentInbox(undefined, mongo.db('test').collection(systemRandom.id()))
    engine = inbox.start()
  })
  afterEach(() => inbox.close())

  for (const [what, writes] of troubles)
    it(`[I16] pauses while writes are ${what}, and counts nothing against any event`, async () => {
      const events = [reserved(), reserved(), reserved()]
      const first = reserved()
      await inbox.send(rawOf(first))
      await until('all is well', async () => (await inbox.statusOf(first.subject)) === 'captured')
      way.writes(writes)
      for (const event of events) await inbox.send(rawOf(event))
      await until('it pauses', () => engine.state().paused)
      const refused = way.refused()
      await until('it has looked again several times', () => way.refused() >= refused + 4, 30_000)
      expect(engine.state()).to.include({ paused: true, consuming: false })
      way.writes('taken')
      for (const { subject } of events)
        await until('it is charged', async () => (await inbox.statusOf(subject)) === 'captured', 30_000)
      await until('it goes on', () => engine.ready(), 30_000)
      expect(inbox.deliveries.map(({ earlierDeliveries }) => earlierDeliveries)).to.deep.equal([0, 0, 0, 0])
      expect(await inbox.takeLetters()).to.deep.equal([])
    })
})
