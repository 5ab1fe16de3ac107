import type { Broker, Consumer, Delivery } from '../../messaging/broker.ts'
import type { DeliveryState } from './handle-delivery.ts'
import { type PauseOptions, pauseOf } from './pause.ts'

export type InboxConsumerOptions = PauseOptions & {
  readonly broker: Broker
  readonly take: (delivery: Delivery) => Promise<DeliveryState>
}

export type InboxConsumer = {
  consuming(): boolean
  /** True while it waits for a dependency to come back. */
  paused(): boolean
  /** Takes nothing new, and resolves when everything taken is settled. */
  drain(): Promise<void>
  close(): Promise<void>
}

const growth = 4

/**
 * Consumes a queue carefully: after a start and after every loss of the connection one message at a time,
 * more with every round of clean acknowledgements, because a crash blames every message that was out
 * (protocol, rule 6). While a dependency is away it pauses and probes, instead of failing message by message.
 * What is held meanwhile is kept, not given back: the broker would count that against the message (ADR 0029).
 */
export const openInboxConsumer = (options: InboxConsumerOptions): InboxConsumer => {
  const { broker, queue } = options
  const open = new Set<Promise<void>>()
  let ramp = { prefetch: 1, clean: 0 }

  const onDelivery = (delivery: Delivery) => {
    const work = attend(delivery, ramp)
    open.add(work)
    void work.finally(() => open.delete(work))
  }
  const attend = async (delivery: Delivery, life: Ramp) => {
    let settled = await options.take(delivery)
    while (settled !== 'acked') {
      if (!(await pause.over())) return delivery.requeue()
      settled = await settled.again()
    }
    pause.worked()
    if (life === ramp) grow(consumer, ramp, options.prefetch)
  }
  // What was out when the connection was lost comes again, and may be what the broker or a process before
  // died of.
  const onFreshStart = () => {
    ramp = { prefetch: 1, clean: 0 }
    consumer.prefetch(ramp.prefetch)
  }
  const consumer: Consumer = broker.consumer({ queue, prefetch: ramp.prefetch, onDelivery, onFreshStart })
  const pause = pauseOf(consumer, options)
  return {
    consuming: () => consumer.consuming,
    paused: pause.now,
    drain: async () => {
      await pause.close()
      while (open.size > 0) await Promise.all(open)
    },
    close: () => consumer.close(),
  }
}

type Ramp = { prefetch: number; clean: number }

const grow = (consumer: Consumer, ramp: Ramp, max: number) => {
  if (ramp.prefetch >= max) return
  ramp.clean += 1
  if (ramp.clean < 2 * ramp.prefetch) return
  ramp.prefetch = Math.min(max, ramp.prefetch * growth)
  ramp.clean = 0
  consumer.prefetch(ramp.prefetch)
}
