import type { Broker, Consumer, Delivery } from '../../messaging/broker.ts'
import { type Clock, sleep } from '../../runtime/clock.ts'
import { codeOf } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import { backoff, type Random } from '../../runtime/random.ts'
import type { Settled } from './intake.ts'

export type InboxOptions = {
  readonly broker: Broker
  readonly queue: string
  /** How many messages may be out at once when all is well. */
  readonly prefetch: number
  readonly take: (delivery: Delivery) => Promise<Settled>
  /** Resolves when the dependencies that `take` needs are back. */
  readonly probe: () => Promise<unknown>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export type Inbox = {
  consuming(): boolean
  /** True while it waits for a dependency to come back. */
  paused(): boolean
  /** Takes nothing new, and resolves when everything taken is settled. */
  drain(): Promise<void>
  close(): Promise<void>
}

const probePace = { base: 500, cap: 5_000 }
const growth = 4
const lookEveryMs = 250

/**
 * Consumes a queue carefully: after a start and after every loss of the connection one message at a time, more with every round of clean acknowledgements, because a crash
 * blames every message that was out (protocol, rule 6). While a dependency is away it pauses and probes, instead of failing message by message.
 */
export const openInbox = (options: InboxOptions): Inbox => {
  const { broker, queue } = options
  const open = new Set<Promise<void>>()
  let ramp = { prefetch: 1, clean: 0 }
  const gate: Gate = { paused: undefined, closed: false }

  const onDelivery = (delivery: Delivery) => {
    const life = ramp
    const work = options.take(delivery).then(async settled => {
      if (settled === 'acked') {
        if (life === ramp) grow(consumer, ramp, options.prefetch)
        return
      }
      // Given back earlier it would come again at once, and every time counts towards the broker's limit.
      await pausedUntilWell(consumer, gate, options)
      delivery.requeue()
    })
    open.add(work)
    void work.finally(() => open.delete(work))
  }
  // What was out when the connection was lost comes again, and may be what the broker or a process before died of.
  const onFreshStart = () => {
    ramp = { prefetch: 1, clean: 0 }
    consumer.prefetch(ramp.prefetch)
  }
  const consumer: Consumer = broker.consumer({ queue, prefetch: ramp.prefetch, onDelivery, onFreshStart })
  return {
    consuming: () => consumer.consuming,
    paused: () => gate.paused !== undefined,
    drain: async () => {
      gate.closed = true
      await consumer.pause()
      while (open.size > 0) await Promise.all(open)
    },
    close: () => consumer.close(),
  }
}

const grow = (consumer: Consumer, ramp: { prefetch: number; clean: number }, max: number) => {
  if (ramp.prefetch >= max) return
  ramp.clean += 1
  if (ramp.clean < 2 * ramp.prefetch) return
  ramp.prefetch = Math.min(max, ramp.prefetch * growth)
  ramp.clean = 0
  consumer.prefetch(ramp.prefetch)
}

type Gate = { paused: Promise<void> | undefined; closed: boolean }

/** Resolves when nothing new comes; consuming goes on by itself once the dependency is back. */
const pausedUntilWell = (consumer: Consumer, gate: Gate, options: InboxOptions): Promise<void> => {
  if (gate.paused) return gate.paused
  options.log.warn('consuming pauses until the dependency is back', { queue: options.queue })
  gate.paused = consumer.pause()
  void gate.paused.then(() => resumeWhenWell(consumer, gate, options))
  return gate.paused
}

const resumeWhenWell = async (consumer: Consumer, gate: Gate, options: InboxOptions): Promise<void> => {
  const { queue, probe, clock, random, log } = options
  for (let attempt = 0; !gate.closed; attempt++) {
    await sleep(clock, backoff(random, attempt, probePace))
    if (await isWell(probe, log)) break
  }
  gate.paused = undefined
  if (gate.closed) return
  consumer.resume()
  // The broker may be away as well, and then nothing goes on yet.
  while (!consumer.consuming && !gate.closed && !gate.paused) await sleep(clock, lookEveryMs)
  if (consumer.consuming) log.info('consuming goes on', { queue })
}

const isWell = async (probe: () => Promise<unknown>, log: Log) => {
  try {
    await probe()
    return true
  } catch (error) {
    log.warn('the dependency is still away', { code: codeOf(error) })
    return false
  }
}
