import type { OutgoingMessage, Publisher } from '../../messaging/broker.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'

/** What is sent again leaves room for what is new: so many messages at once, then a pause. */
export const burst = 100
const pauseMs = 100

export type Sender = {
  readonly publisher: Publisher
  readonly clock: Clock
  /** Aborting it ends the sending after the burst in hand. */
  readonly signal: AbortSignal
}

/**
 * Publishes in bursts, in order, and resolves with how many the broker confirmed: all, unless it was aborted.
 * @throws SagaError as `Publisher.publish`; what was before it may be sent, and is safe to send again
 */
export const sendPaced = async (
  { publisher, clock, signal }: Sender,
  messages: readonly OutgoingMessage[],
): Promise<number> => {
  let sent = 0
  while (sent < messages.length && !signal.aborted) {
    const some = messages.slice(sent, sent + burst)
    await Promise.all(some.map(message => publisher.publish(message)))
    sent += some.length
    await sleep(clock, pauseMs, signal)
  }
  return sent
}
