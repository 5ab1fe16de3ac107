import { shop } from '../../../services/contract/shop.ts'
import { parseNoticeType } from '../../../shared/contract/notice.ts'
import type { Broker, Consumer, OutgoingMessage, Publisher } from '../../../shared/messaging/broker.ts'
import type { Topology } from '../../../shared/messaging/topology/topology.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import {
  type Attached,
  DeliveryStep,
  deliveryOf,
  type Held,
  hasRoom,
  type Life,
  mayDo,
  namesFor,
  orderOf,
  queueOf,
  readable,
  resendIn,
  type SimulatedQueue,
  userOf,
} from './queues.ts'
import type { Owner, Schedule, Step } from './schedule.ts'

const noOne: Owner = { name: 'the broker', alive: true }

/**
 * RabbitMQ as its users see it, in steps: what is published, handed out, answered, expired or lost is each a
 * choice of the schedule.
 */
export const simulatedBroker = (schedule: Schedule, topology: Topology, hit: (what: string) => void) => {
  const queues = new Map<string, SimulatedQueue>()
  const routes = new Map<string, readonly SimulatedQueue[] | undefined>()
  const stats = { places: 0, unrouted: 0 }
  for (const { name } of topology.queues)
    if (name !== 'saga.journal') queues.set(name, queueOf(topology, name))
  const all = [...queues.values()]
  const find = (name: string): SimulatedQueue => {
    const queue = queues.get(name)
    if (!queue) throw new SagaError('broker-refused', `no queue ${name}`, { retry: 'never' })
    return queue
  }

  const routeFor = ({ exchange, key }: OutgoingMessage) => {
    const id = `${exchange}\n${key}`
    if (!routes.has(id)) {
      const names = namesFor(topology, exchange, key)
      routes.set(id, names && [...names].flatMap(name => queues.get(name) ?? []))
    }
    return routes.get(id)
  }

  const insert = (queue: SimulatedQueue, held: Held) => {
    queue.ready.splice(queue.ready.findLastIndex(one => one.place < held.place) + 1, 0, held)
    if (queue.ttl !== undefined)
      schedule.addTimer(
        noOne,
        queue.ttl,
        () => expire(queue, held),
        `${queue.name} gives back ${held.message.messageId}`,
      )
  }
  const put = (queue: SimulatedQueue, message: OutgoingMessage) =>
    insert(queue, { message, place: stats.places++, returns: 0 })

  const route = (message: OutgoingMessage): 'taken' | 'unroutable' | 'unknown' => {
    const taking = routeFor(message)
    if (!taking) return 'unknown'
    for (const queue of taking) put(queue, message)
    if (taking.some(({ name }) => name === 'saga.unrouted')) stats.unrouted += 1
    return taking.length > 0 || isJournalOnly(message) ? 'taken' : 'unroutable'
  }

  const expire = (queue: SimulatedQueue, held: Held) => {
    const place = queue.ready.indexOf(held)
    if (place < 0) return
    queue.ready.splice(place, 1)
    deadLetter(queue, held)
  }

  const deadLetter = ({ deadLetter: to }: SimulatedQueue, { message }: Held) => {
    if (to) route({ ...message, exchange: to.exchange, key: to.key ?? message.key })
  }

  const comeBack = (queue: SimulatedQueue, held: Held) => {
    held.returns += 1
    hit('redelivered')
    if (held.returns <= queue.limit) return insert(queue, held)
    hit('dead-lettered by the broker')
    deadLetter(queue, held)
  }

  /** Ends what was out on a consumer's connection. */
  const endLife = (consumer: Attached) => {
    const { life, queue } = consumer
    consumer.life = { out: new Set(), over: false }
    life.over = true
    for (const held of life.out) comeBack(queue, held)
  }

  const answer = (consumer: Attached, life: Life, held: Held, how: 'ack' | 'requeue') => () => {
    const about = {
      port: how,
      key: `${consumer.owner.name}|${orderOf(held.message)}`,
      text: () => `${how}s ${held.message.messageId}`,
    }
    void schedule.call(consumer.owner, about, () => {
      if (life.over || !life.out.delete(held)) return
      if (how === 'requeue') comeBack(consumer.queue, held)
    })
  }

  const hand = (consumer: Attached, held: Held) => {
    const { queue, life } = consumer
    queue.ready.splice(queue.ready.indexOf(held), 1)
    life.out.add(held)
    if (held.returns >= 2) hit('handed out a third time')
    const [ack, requeue] = [answer(consumer, life, held, 'ack'), answer(consumer, life, held, 'requeue')]
    try {
      consumer.onDelivery(deliveryOf(queue.name, held, ack, requeue))
    } catch {
      requeue()
    }
  }

  const take = (owner: Owner, message: OutgoingMessage): void => {
    const { exchange, key } = message
    if (!mayDo(topology, userOf(owner), exchange, key))
      throw new SagaError('broker-refused', `${owner.name} may not write ${key} to ${exchange}`)
    const routed = route(message)
    if (routed === 'unroutable') throw new SagaError('publish-unroutable', `${exchange} ${key}`)
    if (routed === 'unknown') throw new SagaError('broker-refused', `no exchange ${exchange}`)
  }

  const publisherOf = (owner: Owner): Publisher => {
    const publish = async (message: OutgoingMessage) => {
      if (!handle.connected) throw new SagaError('broker-unavailable', 'the publisher is closed')
      const about = {
        port: 'publish',
        key: `${owner.name}|${orderOf(message)}`,
        text: () =>
          `publishes ${message.type} ${message.messageId} to ${message.exchange || message.key}${resendIn(message)}`,
        unknown: () => {
          hit('confirm lost')
          return new SagaError('publish-unconfirmed', message.messageId)
        },
      }
      if (message.messageId.includes('+')) hit('envelope of several events')
      // A line of a story and never a step of an order: nobody could tell when it was taken.
      if (isNotice(message)) take(owner, message)
      else await schedule.call(owner, about, () => take(owner, message))
    }
    const close = () => {
      handle.connected = false
      const about = { port: 'close', key: owner.name, text: () => 'closes its publisher' }
      return schedule.call(owner, about, () => {})
    }
    const handle = { connected: true, publish, close }
    return handle
  }

  const consumerOf = (owner: Owner, options: Parameters<Broker['consumer']>[0]): Consumer => {
    if (!readable(topology, userOf(owner), options.queue))
      throw new SagaError('broker-refused', options.queue)
    const queue = find(options.queue)
    const consumer: Attached = {
      owner,
      queue,
      onDelivery: options.onDelivery,
      limit: options.prefetch,
      onFreshStart: options.onFreshStart ?? (() => {}),
      wanted: true,
      life: { out: new Set(), over: false },
    }
    queue.consumers.push(consumer)
    queueMicrotask(consumer.onFreshStart)
    const pause = () => {
      consumer.wanted = handle.consuming = false
      const about = { port: 'cancel', key: owner.name, text: () => 'stops consuming' }
      return schedule.call(owner, about, () => {})
    }
    const resume = () => {
      consumer.wanted = handle.consuming = true
    }
    const prefetch = (count: number) => {
      consumer.limit = count
    }
    const close = async () => {
      await pause()
      endLife(consumer)
      queue.consumers.splice(queue.consumers.indexOf(consumer), 1)
    }
    // A plain field: a getter in a literal gives each its own hidden class, which costs more than all the
    // rest of an instance.
    const handle = { pause, resume, prefetch, close, consuming: true }
    return handle
  }

  const offer = ({ ready, consumers }: SimulatedQueue, into: Step[]) => {
    for (const consumer of consumers)
      if (hasRoom(consumer)) for (const held of ready) into.push(new DeliveryStep(consumer, held, hand))
  }

  const attached = (owner: Owner) =>
    all.flatMap(({ consumers }) => consumers).filter(one => one.owner === owner)

  return {
    queues,
    stats,
    find,
    for: (owner: Owner): Broker => ({
      publisher: () => publisherOf(owner),
      consumer: options => consumerOf(owner, options),
    }),
    /**
     * Every way to hand out a message now, the oldest first: a queue promises no order across redeliveries
     * and consumers.
     */
    deliveries: (into: Step[]): void => {
      for (const queue of all) if (queue.ready.length > 0) offer(queue, into)
    },
    /** The connection of a process that died, or was cut. */
    drop: (owner: Owner, { forGood }: { forGood: boolean }): void => {
      for (const consumer of attached(owner)) {
        endLife(consumer)
        if (forGood) consumer.queue.consumers.splice(consumer.queue.consumers.indexOf(consumer), 1)
        else consumer.onFreshStart()
      }
      for (const call of schedule.state.parked.filter(one => one.owner === owner && one.port === 'publish'))
        call.end(call.stage === 'after' ? 'done-but-lost' : 'not-done')
    },
    duplicate: (queue: SimulatedQueue, held: Held) => put(queue, held.message),
    /** Everything that was in it is gone, and every connection with it. */
    loseDisk: (): void => {
      for (const queue of queues.values()) {
        queue.ready = []
        for (const consumer of queue.consumers) {
          consumer.life.over = true
          consumer.life = { out: new Set(), over: false }
        }
      }
      for (const call of schedule.state.parked.filter(one => one.port === 'publish')) call.end('not-done')
    },
    unacked: (queue: SimulatedQueue) => queue.consumers.flatMap(({ life }) => [...life.out]),
  }
}

export type SimulatedBroker = ReturnType<typeof simulatedBroker>

/** Terminal events and notices have no inbox; the journal, which takes everything, is not simulated. */
const isJournalOnly = ({ exchange }: OutgoingMessage) => exchange === shop.names.exchanges.events
const isNotice = ({ exchange, key }: OutgoingMessage) =>
  exchange === shop.names.exchanges.events && parseNoticeType(key) !== undefined
