import type { Delivery, OnDelivery, OutgoingMessage } from '../../../shared/messaging/broker.ts'
import { mayRead, mayWrite, routeOf, settingsOf } from '../../../shared/messaging/topology/routing.ts'
import type { Topology } from '../../../shared/messaging/topology/topology.ts'
import type { Owner, Step } from './schedule.ts'

/** A message in one queue; it keeps its place when it comes back. */
export type Held = { readonly message: OutgoingMessage; readonly place: number; returns: number }

export type SimulatedQueue = {
  readonly name: string
  readonly limit: number
  readonly ttl: number | undefined
  readonly deadLetter: { readonly exchange: string; readonly key: string | undefined } | undefined
  ready: Held[]
  /** Handed out and not answered, by consumer. */
  readonly consumers: Attached[]
}

/** What was handed out on one connection; after its end late answers do nothing. */
export type Life = { readonly out: Set<Held>; over: boolean }
export type Attached = {
  readonly owner: Owner
  readonly queue: SimulatedQueue
  readonly onDelivery: OnDelivery
  readonly onFreshStart: () => void
  limit: number
  wanted: boolean
  life: Life
}

export const orderOf = ({ correlationId, messageId }: OutgoingMessage) => correlationId ?? messageId
export const hasRoom = ({ wanted, life, limit }: Attached) => wanted && life.out.size < limit

export const userOf = (owner: Owner) => owner.name.split('/')[0] ?? ''
export const resendIn = ({ headers }: OutgoingMessage) =>
  headers?.['x-resend'] ? ` (re-send ${headers['x-resend'].slice(-3)})` : ''

/** What a topology says never changes, so each question is asked once. */
const remembered = <T>(ask: (topology: Topology, ...about: string[]) => T) => {
  const answers = new WeakMap<Topology, Map<string, T>>()
  return (topology: Topology, ...about: string[]): T => {
    const known = answers.get(topology) ?? new Map<string, T>()
    answers.set(topology, known)
    const id = about.join('\n')
    if (!known.has(id)) known.set(id, ask(topology, ...about))
    return known.get(id) as T
  }
}
export const mayDo = remembered((topology, user, exchange, key) =>
  mayWrite(topology, user ?? '', exchange ?? '', key ?? ''),
)
export const readable = remembered((topology, user, queue) => mayRead(topology, user ?? '', queue ?? ''))
export const namesFor = remembered((topology, exchange, key) => routeOf(topology, exchange ?? '', key ?? ''))
const settingsFor = remembered((topology, queue) => settingsOf(topology, queue ?? ''))

export const queueOf = (topology: Topology, name: string): SimulatedQueue => {
  const settings = settingsFor(topology, name)
  const [limit, ttl, exchange, key] = [
    settings['delivery-limit'],
    settings['message-ttl'],
    settings['dead-letter-exchange'],
    settings['dead-letter-routing-key'],
  ]
  return {
    name,
    ready: [],
    consumers: [],
    limit: typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY,
    ttl: typeof ttl === 'number' ? ttl : undefined,
    deadLetter:
      exchange === undefined
        ? undefined
        : { exchange: String(exchange), key: key === undefined ? undefined : String(key) },
  }
}

/** A message may be handed to a consumer. A class, for schedules make millions of them. */
export class DeliveryStep implements Step {
  readonly consumer: Attached
  readonly held: Held
  readonly hand: (consumer: Attached, held: Held) => void

  constructor(consumer: Attached, held: Held, hand: (consumer: Attached, held: Held) => void) {
    this.consumer = consumer
    this.held = held
    this.hand = hand
  }

  get owner() {
    return this.consumer.owner
  }

  get key() {
    return `${this.owner.name}|${orderOf(this.held.message)}`
  }

  text() {
    const { type, messageId } = this.held.message
    return `${this.owner.name}: gets ${type} ${messageId}`
  }

  run() {
    this.hand(this.consumer, this.held)
  }
}

export const deliveryOf = (
  queue: string,
  { message, returns }: Held,
  ack: () => void,
  requeue: () => void,
): Delivery => ({
  queue,
  key: message.key,
  body: message.body,
  contentType: message.contentType,
  type: message.type,
  messageId: message.messageId,
  correlationId: message.correlationId,
  headers: message.headers ?? {},
  earlierDeliveries: returns,
  ack: once(ack),
  requeue: once(requeue),
})

const once = (task: () => void) => {
  let done = false
  return () => {
    if (done) return
    done = true
    task()
  }
}
