import { SagaError } from '../../runtime/errors.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'
import type { Broker, OutgoingMessage, Publisher } from '../broker.ts'
import { mayRead, mayWrite, routeOf, settingsOf } from '../topology/routing.ts'
import type { Topology } from '../topology/topology.ts'
import { type MemoryConsumer, memoryConsumer } from './consumer.ts'
import { type MemoryQueue, memoryQueue } from './queue.ts'

/** A message as it lies in a queue. */
export type PeekedMessage = OutgoingMessage & { readonly earlierDeliveries: number }

/**
 * A broker in this process. The broker itself lets everybody do everything; `as` is one user with the rights
 * of the topology.
 */
export type MemoryBroker = Broker & {
  as(user: string): Broker
  /** What is ready in a queue, in order. */
  peek(queue: string): readonly PeekedMessage[]
  depth(queue: string): { readonly ready: number; readonly unacked: number }
  /**
   * Cuts the connections of one user, or all: what is unacknowledged comes again, what is unconfirmed is
   * unknown.
   */
  dropConnections(user?: string): void
}

type MemoryPublisher = Publisher & { drop(): void }
type Client = { readonly user: string; readonly end: MemoryPublisher | MemoryConsumer }

type State = {
  readonly topology: Topology
  readonly queues: Map<string, MemoryQueue>
  readonly soon: (task: () => void) => void
  readonly clock: Clock
  readonly clients: Set<Client>
  /** The queues of a route that was taken before, by exchange and key. */
  readonly routes: Map<string, ReadonlySet<string> | undefined>
}

/**
 * The topology in memory. What happens when is decided by the clock alone; `latency` (ms, 0 unless set) is
 * asked for every hop of a message, so that a test may reorder them.
 */
export const memoryBroker = (options: {
  topology: Topology
  clock: Clock
  latency?: () => number
}): MemoryBroker => {
  const { topology, clock, latency = () => 0 } = options
  const soon = (task: () => void) => void clock.after(latency(), task)
  const [queues, clients, routes] = [new Map(), new Set<Client>(), new Map()]
  const state: State = { topology, queues, soon, clock, clients, routes }
  for (const { name } of topology.queues) state.queues.set(name, queueOf(state, name))
  return {
    ...brokerAs(state, ''),
    as: user => brokerAs(state, user),
    peek: queue =>
      find(state, queue).ready.map(({ message, returns }) => ({ ...message, earlierDeliveries: returns })),
    depth: queue => ({
      ready: find(state, queue).ready.length,
      unacked: find(state, queue).unanswered.size,
    }),
    dropConnections: user => {
      for (const client of state.clients) if (user === undefined || client.user === user) client.end.drop()
    },
  }
}

const queueOf = (state: State, name: string): MemoryQueue => {
  const settings = settingsOf(state.topology, name)
  const deadLetter = (message: OutgoingMessage): boolean => {
    const [exchange, key = message.key] = [
      settings['dead-letter-exchange'],
      settings['dead-letter-routing-key'],
    ]
    if (exchange === undefined) return true
    return route(state, { ...message, exchange: String(exchange), key: String(key) }) === 'taken'
  }
  return memoryQueue({ name, settings, deadLetter, clock: state.clock, soon: state.soon })
}

const find = ({ queues }: State, name: string): MemoryQueue => {
  const queue = queues.get(name)
  if (!queue) throw new SagaError('broker-refused', `no queue ${name}`, { retry: 'never' })
  return queue
}

const brokerAs = (state: State, user: string): Broker => ({
  publisher: () => {
    const end = memoryPublisher(state, user)
    state.clients.add({ user, end })
    return end
  },
  consumer: ({ queue, ...how }) => {
    if (!mayRead(state.topology, user, queue)) throw refused(`${user} may not read ${queue}`)
    const end = memoryConsumer(find(state, queue), how, state.soon)
    state.clients.add({ user, end })
    return end
  },
})

const refused = (detail: string) => new SagaError('broker-refused', detail)

/** Puts a copy into every queue that takes it. */
const route = (state: State, message: OutgoingMessage): 'taken' | 'full' | 'unroutable' | 'unknown' => {
  const names = queuesFor(state, message)
  if (!names) return 'unknown'
  const puts = [...names].map(name => find(state, name).put(message))
  if (puts.length === 0) return 'unroutable'
  return puts.includes(false) ? 'full' : 'taken'
}

const queuesFor = ({ routes, topology }: State, { exchange, key }: OutgoingMessage) => {
  const name = `${exchange}\n${key}`
  if (!routes.has(name)) routes.set(name, routeOf(topology, exchange, key))
  return routes.get(name)
}

const memoryPublisher = (state: State, user: string): MemoryPublisher => {
  const open = new Map<OutgoingMessage, (error?: SagaError) => void>()
  let closed = false
  let onIdle = () => {}
  const publish = (given: OutgoingMessage) =>
    new Promise<void>((resolve, reject) => {
      const message = { ...given }
      if (closed) return reject(new SagaError('broker-unavailable', `${message.messageId}: closed`))
      open.set(message, error => {
        open.delete(message)
        if (error) reject(error)
        else resolve()
        if (open.size === 0) onIdle()
      })
      state.soon(() => open.has(message) && take(state, user, message, error => open.get(message)?.(error)))
    })
  const drop = () => {
    for (const [message, end] of open)
      end(new SagaError('publish-unconfirmed', `${message.messageId}: not confirmed`))
  }
  const close = async (ms: number) => {
    closed = true
    const idle = new Promise<void>(resolve => {
      onIdle = resolve
    })
    if (open.size > 0) await within(state.clock, ms, idle)
    drop()
  }
  return {
    ...{ publish, drop, close },
    get connected() {
      return !closed
    },
  }
}

/**
 * The confirm is a hop of its own: a connection that is cut in between leaves the message in its queues and
 * the sender in doubt.
 */
const take = (
  state: State,
  user: string,
  message: OutgoingMessage,
  confirm: (error?: SagaError) => void,
): void => {
  const { exchange, key } = message
  const error = mayWrite(state.topology, user, exchange, key)
    ? problemOf(route(state, message), message)
    : refused(`${user} may not write ${key} to ${exchange}`)
  state.soon(() => confirm(error))
}

const problemOf = (routed: ReturnType<typeof route>, { messageId, exchange, key }: OutgoingMessage) => {
  if (routed === 'taken') return undefined
  if (routed === 'full') return new SagaError('publish-rejected', `${messageId}: a queue is full`)
  if (routed === 'unroutable') return new SagaError('publish-unroutable', `${exchange} ${key}`)
  return refused(`no exchange ${exchange}`)
}
