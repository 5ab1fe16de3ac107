import type { Saga } from '../../contract/saga.ts'
import type { OutgoingMessage } from '../../messaging/broker.ts'
import type { JournalCopy, ReadSpan } from '../../messaging/journal.ts'
import { resendOf } from '../../messaging/resend.ts'
import { contentOf } from '../dead-letters/dead-letter.ts'
import type { Gap } from './gaps.ts'
import { type Sender, sendPaced } from './send-paced.ts'

/**
 * Sends to each inbox what the journal took and the inbox may have missed; resolves with how many messages
 * each got. What it had is recognised there, so that sending too much is harmless.
 * @throws SagaError as `ReadSpan` and `Publisher.publish`; all of it is then to be sent again
 */
export const sendMissed = async (
  saga: Saga,
  sender: Sender & { readonly readSpan: ReadSpan },
  gaps: readonly Gap[],
): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map(gaps.map(({ inbox }) => [inbox, 0]))
  for await (const copies of sender.readSpan(Math.min(...gaps.map(({ since }) => since)))) {
    const messages = copies.flatMap(copy => addressed(saga, gaps, copy))
    const sent = await sendPaced(sender, messages)
    for (const { key } of messages.slice(0, sent)) counts.set(key, (counts.get(key) ?? 0) + 1)
    if (sender.signal.aborted) break
  }
  return counts
}

const addressed = (saga: Saga, gaps: readonly Gap[], copy: JournalCopy): OutgoingMessage[] => {
  const missed = gaps.filter(({ types }) => types.has(copy.key))
  if (missed.length === 0 || isForged(saga, copy)) return []
  return missed.map(({ inbox }) => resendOf(copy, { exchange: '', key: inbox }))
}

/**
 * Under the key of an inbox a service believes what it gets, so what its owner did not send is never sent on.
 */
const isForged = (saga: Saga, copy: JournalCopy): boolean =>
  contentOf(saga, copy).eventHeaders.some(({ type }) => type !== copy.key)
