import type { Clock } from '../../runtime/time/clock.ts'
import type { OutgoingMessage } from '../broker.ts'

/** A message in one queue. */
export type QueuedMessage = {
  readonly message: OutgoingMessage
  /** Its place, which it keeps when it comes back. */
  readonly place: number
  /** How often it came back without an answer. */
  returns: number
  cancelExpiry: () => void
}

/** A consumer as its queue sees it. */
export type QueueConsumer = { hasRoom(): boolean; take(held: QueuedMessage): void }

export type MemoryQueue = {
  readonly name: string
  readonly ready: readonly QueuedMessage[]
  readonly unanswered: ReadonlySet<QueuedMessage>
  /** False when it is full. */
  put(message: OutgoingMessage): boolean
  attach(sink: QueueConsumer): void
  detach(sink: QueueConsumer): void
  acked(held: QueuedMessage): void
  /** Back to its place, or dead when it came back too often. */
  returned(held: QueuedMessage): void
  /** Hands out what it can, soon. */
  serve(): void
}

/** Empties into another exchange. False when nothing takes it there. */
export type DeadLetter = (message: OutgoingMessage) => boolean

type State = {
  readonly ready: QueuedMessage[]
  readonly unanswered: Set<QueuedMessage>
  readonly sinks: QueueConsumer[]
  readonly options: QueueOptions
  places: number
  /** It will get round to handing out. */
  planned: boolean
}

type QueueOptions = {
  readonly name: string
  readonly settings: Readonly<Record<string, string | number>>
  readonly clock: Clock
  readonly soon: (task: () => void) => void
  readonly deadLetter: DeadLetter
}

/**
 * A queue as RabbitMQ keeps it, with the settings of its topology; `soon` is when the broker gets round to
 * something.
 */
export const memoryQueue = (options: QueueOptions): MemoryQueue => {
  const state: State = {
    ...{ ready: [], unanswered: new Set(), sinks: [], options, places: 0, planned: false },
  }
  const { ready, unanswered, sinks } = state
  return {
    ...{ name: options.name, ready, unanswered },
    put: message => put(state, message),
    returned: held => comeBack(state, held),
    serve: () => serve(state),
    attach: sink => {
      sinks.push(sink)
      serve(state)
    },
    detach: sink => {
      const index = sinks.indexOf(sink)
      if (index >= 0) sinks.splice(index, 1)
    },
    acked: held => {
      unanswered.delete(held)
      serve(state)
    },
  }
}

const put = (state: State, message: OutgoingMessage): boolean => {
  const { ready, unanswered, options } = state
  if (ready.length + unanswered.size >= limitOf(options, 'max-length')) return false
  insert(state, { message, place: state.places, returns: 0, cancelExpiry: () => {} })
  state.places += 1
  return true
}

const comeBack = (state: State, held: QueuedMessage): void => {
  state.unanswered.delete(held)
  held.returns += 1
  if (held.returns > limitOf(state.options, 'delivery-limit')) state.options.deadLetter(held.message)
  else insert(state, held)
}

const insert = (state: State, held: QueuedMessage): void => {
  const { ready, options } = state
  ready.splice(ready.findLastIndex(one => one.place < held.place) + 1, 0, held)
  const ttl = limitOf(options, 'message-ttl')
  if (ttl < Number.POSITIVE_INFINITY) held.cancelExpiry = options.clock.after(ttl, () => expire(state, held))
  serve(state)
}

// As at-least-once dead-lettering does: what nobody takes stays.
const expire = ({ ready, options }: State, held: QueuedMessage): void => {
  const index = ready.indexOf(held)
  if (index >= 0 && options.deadLetter(held.message)) ready.splice(index, 1)
}

const serve = (state: State): void => {
  if (state.planned || state.ready.length === 0) return
  state.planned = true
  state.options.soon(() => {
    state.planned = false
    while (handOut(state));
  })
}

// Consumers take turns.
const handOut = ({ ready, unanswered, sinks }: State): boolean => {
  const sink = sinks.find(one => one.hasRoom())
  const held = sink && ready.shift()
  if (!sink || !held) return false
  sinks.push(...sinks.splice(sinks.indexOf(sink), 1))
  held.cancelExpiry()
  unanswered.add(held)
  sink.take(held)
  return true
}

const limitOf = ({ settings }: QueueOptions, name: string): number => {
  const limit = settings[name]
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
}
