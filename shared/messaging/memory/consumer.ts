import type { Consumer, Delivery, OnDelivery } from '../broker.ts'
import type { MemoryQueue, QueueConsumer, QueuedMessage } from './queue.ts'

export type MemoryConsumer = Consumer & {
  /** Everything unanswered goes back, late answers are dropped, and it starts afresh a little later. */
  drop(): void
}

/** One channel, and what it handed out that has no answer yet. */
type Life = { readonly out: Set<QueuedMessage>; fresh: boolean }

type State = {
  readonly queue: MemoryQueue
  readonly soon: (task: () => void) => void
  readonly options: ConsumerOptions
  readonly sink: QueueConsumer
  life: Life | undefined
  wanted: boolean
  attached: boolean
  closed: boolean
  limit: number
}

type ConsumerOptions = { prefetch: number; onDelivery: OnDelivery; onFreshStart?: () => void }

/**
 * Consumes a queue in memory as RabbitMQ would hand it out; `soon` is when the broker gets round to
 * something.
 */
export const memoryConsumer = (
  queue: MemoryQueue,
  options: ConsumerOptions,
  soon: (task: () => void) => void,
): MemoryConsumer => {
  const sink: QueueConsumer = {
    hasRoom: () => state.life !== undefined && state.life.out.size < state.limit,
    take: held => state.life && hand(queue, state.life, held, options.onDelivery),
  }
  const state: State = {
    ...{ queue, soon, options, sink, life: undefined, limit: options.prefetch },
    ...{ wanted: true, attached: false, closed: false },
  }
  begin(state)
  return {
    ...controlsOf(state),
    get consuming() {
      return state.attached
    },
  }
}

const controlsOf = (state: State) => ({
  pause: () => pause(state),
  resume: () => {
    state.wanted = true
    state.soon(() => attach(state))
  },
  prefetch: (count: number) => {
    state.limit = Math.max(1, count)
    state.queue.serve()
  },
  close: async () => {
    state.closed = true
    await pause(state)
    end(state)
  },
  drop: () => {
    end(state)
    begin(state)
  },
})

const begin = (state: State): void =>
  state.soon(() => {
    if (state.closed || state.life) return
    state.life = { out: new Set(), fresh: true }
    attach(state)
  })

const attach = (state: State): void => {
  const { life: session, options } = state
  if (state.attached || !state.wanted || !session) return
  if (session.fresh) options.onFreshStart?.()
  session.fresh = false
  state.attached = true
  state.queue.attach(state.sink)
}

const detach = (state: State): void => {
  state.attached = false
  state.queue.detach(state.sink)
}

const end = (state: State): void => {
  const { life: session, queue } = state
  detach(state)
  state.life = undefined
  if (!session) return
  const returned = [...session.out]
  // Late answers find nothing here.
  session.out.clear()
  returned.forEach(queue.returned)
}

const pause = (state: State): Promise<void> =>
  new Promise(resolve => {
    state.wanted = false
    detach(state)
    state.soon(resolve)
  })

const hand = (queue: MemoryQueue, session: Life, held: QueuedMessage, onDelivery: OnDelivery): void => {
  session.out.add(held)
  const answer = (then: (held: QueuedMessage) => void) => () => {
    if (session.out.delete(held)) then(held)
  }
  const [ack, requeue] = [answer(queue.acked), answer(queue.returned)]
  try {
    onDelivery(deliveryOf(queue.name, held, { ack, requeue }))
  } catch {
    requeue()
  }
}

const deliveryOf = (
  queue: string,
  { message, returns }: QueuedMessage,
  answers: Pick<Delivery, 'ack' | 'requeue'>,
): Delivery => ({
  queue,
  key: message.key,
  body: Buffer.from(message.body),
  contentType: message.contentType,
  type: message.type,
  messageId: message.messageId,
  correlationId: message.correlationId,
  headers: { ...message.headers },
  earlierDeliveries: returns,
  ...answers,
})
