import { StoryEntry } from '../../services/private-calls/order-story.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { type ApiClient, parsed } from '../api-client.ts'
import { exits, failureOf, unexpected } from '../failure.ts'
import { eventsIn } from '../server-events.ts'
import type { Session } from '../session.ts'

const pauseMs = 1_000

/** How the following ended: `settled`, or nobody wants it any more. */
export type FollowOutcome = 'settled' | 'aborted'

/** What was shown so far: everything by its id, and the last of it, where a new connection goes on. */
type Place = { readonly told: Set<string>; last?: string }

/**
 * Tells `onEntry` everything of the order as it comes, each once, until the order is settled. A connection
 * that ends is made again and goes on after the last event. @throws Failure when the API refuses; SagaError
 * `no-answer` when the API cannot be reached at first
 */
export const follow = async (
  session: Pick<Session, 'api' | 'signal' | 'terminal'>,
  orderId: string,
  onEntry: (entry: StoryEntry) => void,
): Promise<FollowOutcome> => {
  const place: Place = { told: new Set() }
  for (let tries = 0; !session.signal.aborted; tries++) {
    try {
      if ((await readOnce(session.api(), orderId, place, onEntry)) === 'settled') return 'settled'
    } catch (error) {
      if (session.signal.aborted) return 'aborted'
      if (isFinal(error, tries)) throw error
    }
    session.terminal.progress('the connection ended, making it again')
    await sleep(systemClock, pauseMs, session.signal)
  }
  return 'aborted'
}

const readOnce = async (
  api: ApiClient,
  orderId: string,
  place: Place,
  onEntry: (entry: StoryEntry) => void,
): Promise<'settled' | 'ended'> => {
  const stream = await api.open(
    `/orders/${orderId}/events`,
    place.last ? { 'last-event-id': place.last } : {},
  )
  if (stream === 'over') return 'settled'
  for await (const { id, event, data } of eventsIn(stream)) {
    if (event === 'end') return 'settled'
    const entry = entryOf(data)
    if (!place.told.has(entry.id)) onEntry(entry)
    place.told.add(entry.id)
    if (id !== undefined) place.last = id
  }
  return 'ended'
}

const entryOf = (data: string): StoryEntry => {
  const entry = StoryEntry.safeParse(parsed(data))
  if (entry.success) return entry.data
  throw unexpected('the stream has something else', entry.error)
}

// Somebody who has followed once waits for the API to come back; a refusal would only come again.
const isFinal = (error: unknown, tries: number): boolean => {
  if (hasCode(error as Error, 'no-answer')) return tries === 0
  const { exit, code } = failureOf(error)
  return exit !== exits.unreachable && !['TypeError', 'AbortError', 'UND_ERR_SOCKET'].includes(code)
}
