import { type Event, shop } from '../../../../services/contract/shop.ts'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import { openGenerations } from '../../../../services/tracking/store/generations.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import type { ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { encode } from '../../../../shared/contract/envelope.ts'
import { amqpJournal } from '../../../../shared/messaging/amqp/journal.ts'
import type { OutgoingMessage } from '../../../../shared/messaging/broker.ts'
import type {
  Journal,
  JournalBreak,
  JournalMessage,
  JournalPosition,
  JournalReader,
} from '../../../../shared/messaging/journal.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { until } from '../../../messaging/messages.ts'
import { rabbitMqPerTest } from '../../../messaging/rabbitmq-per-test.ts'

/**
 * The journal on RabbitMQ, in a vhost of its own for each test, read by the user tracking and written by the
 * services.
 */
export const journalPerTest = () => {
  const broker = rabbitMqPerTest()
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()))
  })
  const journal = (): Journal => {
    const note = (text: string, fields = {}) => void broker.lines().push(`${text} ${JSON.stringify(fields)}`)
    const log = { info: note, warn: note, error: note }
    const url = broker.subject().urlOf('tracking')
    return amqpJournal({
      stream: 'saga.journal',
      url,
      name: 'tracking',
      clock: systemClock,
      random: systemRandom,
      log,
    })
  }
  return {
    ...broker,
    journal,
    /** A reader that keeps what it took. */
    read: (after?: JournalPosition): Reading => {
      const breaks: JournalBreak[] = []
      const reader = journal().open({ after, onBreak: kind => breaks.push(kind) })
      ends.push(() => reader.close())
      return { reader, breaks, taken: keptBy(reader) }
    },
    /** Publishes as the service `user`, in order, each confirmed. */
    publish: async (user: string, messages: readonly OutgoingMessage[]) => {
      const publisher = broker.subject().as(user).publisher()
      ends.push(() => publisher.close(1_000))
      for (const each of messages) await publisher.publish(each)
    },
    /** Generations that follow this journal into these read models. */
    track: (models: ReadModels<TrackedOrder> = memoryReadModels()) => {
      let unreadable = 0
      const note = (text: string, fields = {}) =>
        void broker.lines().push(`${text} ${JSON.stringify(fields)}`)
      const generations = openGenerations({
        ...{ models, journal: journal(), clock: systemClock, random: systemRandom },
        ...{ log: { info: note, warn: note, error: note }, onApplied: () => {} },
        onUnreadable: () => {
          unreadable += 1
        },
      })
      let stopped: Promise<void> | undefined
      const stop = () => {
        stopped ??= generations.stop()
        return stopped
      }
      ends.push(stop)
      const caughtUp = () =>
        until(
          'the end of the journal',
          () => generations.progress().some(one => one.serving && one.atEnd),
          30_000,
        )
      return { generations, models, stop, caughtUp, unreadable: () => unreadable }
    },
  }
}

type Reading = { reader: JournalReader; breaks: JournalBreak[]; taken: JournalMessage[] }

const keptBy = (reader: JournalReader): JournalMessage[] => {
  const taken: JournalMessage[] = []
  const keep = async () => {
    for (;;) {
      const messages = await reader.take(100)
      if (messages.length === 0) return
      taken.push(...messages)
    }
  }
  void keep()
  return taken
}

/** Events of one type as a message of their service. */
export const telling = (...events: Event[]): OutgoingMessage => {
  const [first] = events
  if (!first) throw new RangeError('a message has at least one event')
  const { id, type } = first
  return { ...encode(shop, events), exchange: 'saga.events', key: type, type, messageId: id }
}
