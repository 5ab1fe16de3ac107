import type { Names } from '../contract/names.ts'
import type { Outgoing } from '../messaging/broker.ts'
import { sentAgain } from '../messaging/sent-again.ts'
import { type Met, type Walk, type WalkThrough, walkLimit } from '../messaging/walk.ts'
import { burst, type Sender, sendPaced } from './send-paced.ts'

/**
 * Publishes what no inbox took once more, each under its own key, and takes it out when the broker has confirmed it; resolves with how
 * many. What nobody subscribes to stays. It comes to what lay there when it began, each once, so what comes back waits for the next time.
 * @throws SagaError `replay-running` when somebody else walks through the queue, `broker-unavailable`, `broker-refused`, and as `Publisher.publish`
 */
export const drainUnrouted = async (
  { exchanges }: Names,
  sender: Sender & { readonly walkThrough: WalkThrough },
  heard: ReadonlySet<string>,
): Promise<number> => {
  const walk = await sender.walkThrough(exchanges.unrouted, { limit: walkLimit, patienceMs: 0 })
  try {
    let drained = 0
    while (!sender.signal.aborted) {
      const some = await take(walk)
      if (some.length === 0) break
      const wanted = some.filter(({ key }) => heard.has(key))
      const sent = await sendPaced(sender, wanted.map(toExchange(exchanges.inboxes)))
      for (const met of wanted.slice(0, sent)) met.remove()
      drained += sent
    }
    return drained
  } finally {
    await walk.end()
  }
}

const take = async (walk: Walk): Promise<Met[]> => {
  const met: Met[] = []
  while (met.length < burst) {
    const next = await walk.next()
    if (!next) break
    met.push(next)
  }
  return met
}

const toExchange =
  (exchange: string) =>
  (met: Met): Outgoing =>
    sentAgain(met, { exchange, key: met.key })
