import type { Names } from '../../contract/names.ts'
import type { OutgoingMessage } from '../../messaging/broker.ts'
import {
  type BrowsedMessage,
  type BrowseQueue,
  browseLimit,
  type QueueBrowser,
} from '../../messaging/queue-browser.ts'
import { resendOf } from '../../messaging/resend.ts'
import { burst, type Sender, sendPaced } from './send-paced.ts'

/**
 * Publishes what no inbox took once more, each under its own key, and takes it out when the broker has
 * confirmed it; resolves with how many. What nobody subscribes to stays. It comes to what lay there when it
 * began, each once, so what comes back waits for the next time.
 * @throws SagaError `replay-running` when somebody else browses the queue, `broker-unavailable`,
 * `broker-refused`, and as `Publisher.publish`
 */
export const drainUnrouted = async (
  { exchanges }: Names,
  sender: Sender & { readonly browseQueue: BrowseQueue },
  heard: ReadonlySet<string>,
): Promise<number> => {
  const browser = await sender.browseQueue(exchanges.unrouted, { limit: browseLimit, patienceMs: 0 })
  try {
    let drained = 0
    while (!sender.signal.aborted) {
      const some = await take(browser)
      if (some.length === 0) break
      const wanted = some.filter(({ key }) => heard.has(key))
      const sent = await sendPaced(sender, wanted.map(toExchange(exchanges.inboxes)))
      for (const message of wanted.slice(0, sent)) message.remove()
      drained += sent
    }
    return drained
  } finally {
    await browser.end()
  }
}

const take = async (browser: QueueBrowser): Promise<BrowsedMessage[]> => {
  const met: BrowsedMessage[] = []
  while (met.length < burst) {
    const next = await browser.next()
    if (!next) break
    met.push(next)
  }
  return met
}

const toExchange =
  (exchange: string) =>
  (message: BrowsedMessage): OutgoingMessage =>
    resendOf(message, { exchange, key: message.key })
