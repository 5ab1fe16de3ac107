import { expect } from 'chai'
import type { Broker, Consumer, Delivery } from '../../shared/messaging/broker.ts'
import { systemClock } from '../../shared/runtime/clock.ts'
import { type Log, silentLog } from '../../shared/runtime/log.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { type Inbox, openInbox } from '../../shared/saga/intake/inbox.ts'
import { ids, message, until } from '../broker/messages.ts'
import { memorySubject, rabbitMqSubject, type Subject } from '../broker/subjects.ts'
import { deferred } from '../given/deferred.ts'
import { manualClock } from '../given/manual-clock.ts'
import { seededRandom } from '../given/seeded-random.ts'
import { needs, rabbitmq } from '../servers.ts'

type Options = Parameters<Broker['consumer']>[0]

/** A queue whose connection and deliveries are the test's. */
const given = ({ settled = 'acked' as 'acked' | 'held' } = {}) => {
  const clock = manualClock()
  const said: string[] = []
  const limits: number[] = []
  const note = (message: string) => void said.push(message)
  const log: Log = { info: note, warn: note, error: note }
  const state = { connected: true, wanted: true, well: true, settled }
  let options: Options | undefined
  const consumer: Consumer = {
    pause: async () => {
      state.wanted = false
    },
    resume: () => {
      state.wanted = true
    },
    prefetch: count => void limits.push(count),
    close: async () => {},
    get consuming() {
      return state.connected && state.wanted
    },
  }
  const broker = {
    consumer: (given: Options) => {
      options = given
      limits.push(given.prefetch)
      return consumer
    },
  } as unknown as Broker
  const inbox: Inbox = openInbox({
    ...{ broker, clock, log, random: seededRandom(1), queue: 'payment.inbox', prefetch: 64 },
    take: async () => state.settled,
    probe: async () => {
      if (!state.well) throw new Error('away')
    },
  })
  const deliver = async (count = 1) => {
    for (let i = 0; i < count; i++)
      options?.onDelivery({ ack: () => {}, requeue: () => {} } as unknown as Delivery)
    await clock.settle()
  }
  const freshStart = () => options?.onFreshStart?.()
  return { clock, said, limits, state, inbox, deliver, freshStart }
}

describe('an inbox', () => {
  it('takes one message at a time at first, and more with every clean round', async () => {
    const { limits, deliver } = given()
    await deliver(2)
    await deliver(8)
    expect(limits).to.deep.equal([1, 4, 16])
  })

  it('begins at one again after every loss of its connection, not only at its start', async () => {
    const { limits, deliver, freshStart } = given()
    await deliver(10)
    freshStart()
    await deliver(2)
    expect(limits).to.deep.equal([1, 4, 16, 1, 4])
  })

  it('does not count as clean what was taken before the connection was lost', async () => {
    const { limits, freshStart, deliver, state } = given()
    state.settled = 'acked'
    const before = deliver(10)
    freshStart()
    await before
    expect(limits).to.deep.equal([1, 1])
  })

  it('says that consuming goes on only once it does, however long the broker is away as well', async () => {
    const { clock, said, state, inbox, deliver } = given({ settled: 'held' })
    state.well = false
    await deliver()
    expect(inbox.paused()).to.equal(true)
    state.connected = false
    state.well = true
    await clock.advance(60_000)
    expect(inbox.paused()).to.equal(false)
    expect(said).to.not.include('consuming goes on')
    state.connected = true
    await clock.advance(1_000)
    expect(said.filter(message => message === 'consuming goes on')).to.have.length(1)
  })

  it('keeps no timer once it is drained, also while the broker is away', async () => {
    const { clock, state, inbox, deliver } = given({ settled: 'held' })
    await deliver()
    state.connected = false
    await clock.advance(60_000)
    await inbox.drain()
    await clock.advance(1_000)
    expect(clock.waiting()).to.equal(0)
  })
})

const brokers = [
  { name: 'in memory', prepare: () => {}, open: memorySubject },
  { name: 'on RabbitMQ', prepare: () => needs(rabbitmq), open: rabbitMqSubject },
]

for (const { name, prepare, open } of brokers)
  describe(`an inbox ${name}`, () => {
    prepare()
    let subject: Subject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.stop())

    it('gets one message, and the rest waits in the queue, after its connection was lost', async () => {
      const gate = deferred<void>()
      let [taken, blocked] = [0, false]
      const inbox = openInbox({
        ...{ broker: subject.as('payment'), queue: 'payment.inbox', prefetch: 64 },
        ...{ clock: systemClock, random: systemRandom, log: silentLog, probe: async () => {} },
        take: async delivery => {
          taken += 1
          if (blocked) await gate.promise
          delivery.ack()
          return 'acked'
        },
      })
      const publisher = subject.as('inventory').publisher()
      const send = (count: number) =>
        Promise.all(ids(count).map(id => publisher.publish(message(id, { key: 'inventory.reserved' }))))
      await send(60)
      await until('it is quick', () => taken === 60)
      blocked = true
      await send(20)
      await until('several are out', () => taken === 80)
      await subject.cut('payment')
      // An acknowledgement that was on its way is lost with the connection: its message comes again as well.
      await until('all but one wait', async () => taken > 80 && (await subject.ready('payment.inbox')) >= 19)
      expect(taken).to.equal(81)
      gate.resolve()
      await until('all are handled', async () => (await subject.ready('payment.inbox')) === 0)
      await inbox.drain()
      await inbox.close()
      await publisher.close(1_000)
    })
  })
