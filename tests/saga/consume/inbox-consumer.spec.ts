import { expect } from 'chai'
import type { Broker, Consumer, Delivery } from '../../../shared/messaging/broker.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { type Log, silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import type { DeliveryState } from '../../../shared/saga/consume/handle-delivery.ts'
import { type InboxConsumer, openInboxConsumer } from '../../../shared/saga/consume/inbox-consumer.ts'
import { ids, message, until } from '../../messaging/messages.ts'
import { memorySubject, rabbitMqSubject, type Subject } from '../../messaging/subjects.ts'
import { deferred } from '../../support/deferred.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { needs, rabbitmq } from '../../support/servers.ts'

type Options = Parameters<Broker['consumer']>[0]

/** A queue whose connection and deliveries are the test's. */
const given = ({ settled = 'acked' as 'acked' | 'unsettled' } = {}) => {
  const [answers, tries]: [string[], string[]] = [[], []]
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
  const inbox: InboxConsumer = openInboxConsumer({
    ...{ broker, clock, log, random: seededRandom(1), queue: 'payment.inbox', prefetch: 64 },
    take: async ({ messageId }) => trying(messageId ?? ''),
    probe: async () => {
      if (!state.well) throw new Error('away')
    },
  })
  const trying = async (messageId: string): Promise<DeliveryState> => {
    tries.push(messageId)
    return state.settled === 'acked' ? 'acked' : { again: () => trying(messageId) }
  }
  const requeue = () => void answers.push('requeue')
  const deliver = async (count = 1) => {
    for (let i = 0; i < count; i++)
      options?.onDelivery({ messageId: `m${i}`, ack: () => {}, requeue } as unknown as Delivery)
    await clock.settle()
  }
  const freshStart = () => options?.onFreshStart?.()
  return { clock, said, limits, state, inbox, deliver, freshStart, answers, tries }
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
    const { clock, said, state, inbox, deliver } = given({ settled: 'unsettled' })
    state.well = false
    await deliver()
    expect(inbox.paused()).to.equal(true)
    state.connected = false
    state.well = true
    state.settled = 'acked'
    await clock.advance(60_000)
    expect(inbox.paused()).to.equal(false)
    expect(said).to.not.include('consuming goes on')
    state.connected = true
    await clock.advance(1_000)
    expect(said.filter(message => message === 'consuming goes on')).to.have.length(1)
  })

  it('keeps what it holds for as long as the pause takes, and goes on with it before anything new comes', async () => {
    const { clock, state, inbox, deliver, answers, tries } = given({ settled: 'unsettled' })
    state.well = false
    await deliver()
    await clock.advance(7 * 24 * 3_600_000)
    expect([inbox.consuming(), tries, answers]).to.deep.equal([false, ['m0'], []])
    state.well = true
    state.settled = 'acked'
    await clock.advance(5_000)
    expect([inbox.consuming(), tries, answers]).to.deep.equal([true, ['m0', 'm0'], []])
  })

  it('gives nothing back, however often the probe succeeds and the work does not, and tries less and less often', async () => {
    const { clock, deliver, answers, tries } = given({ settled: 'unsettled' })
    await deliver()
    await clock.advance(60_000)
    const inOneMinute = tries.length
    await clock.advance(60_000)
    expect(answers).to.deep.equal([])
    expect(inOneMinute).to.be.within(10, 40)
    expect(tries.length - inOneMinute).to.be.at.most(inOneMinute)
  })

  it('takes nothing new while it holds as much as may be out at once', async () => {
    const { clock, inbox, deliver } = given({ settled: 'unsettled' })
    await deliver(64)
    await clock.advance(60_000)
    expect([inbox.paused(), inbox.consuming()]).to.deep.equal([true, false])
  })

  it('gives back what it holds when it drains, and does not wait for the dependency', async () => {
    const { state, inbox, deliver, answers } = given({ settled: 'unsettled' })
    state.well = false
    await deliver()
    await inbox.drain()
    expect(answers).to.deep.equal(['requeue'])
  })

  it('keeps no timer once it is drained, also while the broker is away', async () => {
    const { clock, state, inbox, deliver } = given({ settled: 'unsettled' })
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
      const inbox = openInboxConsumer({
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
