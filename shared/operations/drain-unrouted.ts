import type { Outgoing } from '../messaging/broker.ts'
import type { JournalCopy } from '../messaging/journal.ts'
import { exchanges } from '../messaging/names.ts'
import type { Met, Walk, WalkThrough } from '../messaging/walk.ts'
import { burst, type Sender, sendPaced } from './send-paced.ts'

/** More than this no walk looks at: what it meets and leaves is held in memory until its end. */
const limit = 20_000

/**
 * Publishes what no inbox took once more, each under its own key, and takes it out when the broker has confirmed it; resolves with how
 * many. What nobody subscribes to stays. It comes to what lay there when it began, each once, so what comes back waits for the next time.
 * @throws SagaError `replay-running` when somebody else walks through the queue, `broker-unavailable`, `broker-refused`, and as `Publisher.publish`
 */
export const drainUnrouted = async (
  sender: Sender & { readonly walkThrough: WalkThrough },
  heard: ReadonlySet<string>,
): Promise<number> => {
  const walk = await sender.walkThrough(exchanges.unrouted, { limit, patienceMs: 0 })
  try {
    let drained = 0
    while (!sender.signal.aborted) {
      const some = await take(walk)
      if (some.length === 0) break
      const wanted = some.filter(({ key }) => heard.has(key))
      const sent = await sendPaced(sender, wanted.map(toInboxes))
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

const toInboxes = (met: Met): Outgoing => again(met, exchanges.inboxes, met.key)

/** The message as it was first sent, without what brokers and strangers added. */
export const again = (copy: JournalCopy, exchange: string, key: string): Outgoing => ({
  ...{ exchange, key, body: copy.body, contentType: copy.contentType ?? '', headers: copy.headers },
  type: copy.type ?? 'unknown',
  messageId: copy.messageId ?? 'unknown',
  ...(copy.correlationId !== undefined && { correlationId: copy.correlationId }),
})
