import { Redis } from 'ioredis'
import type { Publish } from './broker.ts'
import type { Event } from './events.ts'
import { places } from './places.ts'
import type { Documents, Known } from './store.ts'

/** What a service makes of an event: its new state, what it says, and the document as it is when the reaction wrote one itself. */
export type Reacted<State> = { is: string; state: State; says: Event[]; known?: Known<State> }

/** Undefined when the event changes nothing. */
export type Reaction<State> = (
  event: Event,
  known: Known<State> | undefined,
) => Promise<Reacted<State> | undefined>

const seenForSeconds = 3_600
const tries = 20
const redis = new Redis(places.redisUrl)

/** Puts the event on record with what it causes; undefined when somebody else was faster. */
const record = async <State>(
  documents: Documents<State>,
  event: Event,
  react: Reaction<State>,
): Promise<Event[] | undefined> => {
  const known = await documents.read(event.orderId)
  if (known?.inbox.includes(event.id)) return known.outbox
  const reacted = await react(event, known)
  if (!reacted) return []
  const { is, state, says, known: now = known } = reacted
  if (!now) {
    const document = { _id: event.orderId, version: 1, is, state, inbox: [event.id], outbox: says }
    return (await documents.insert(document)) ? says : undefined
  }
  const [inbox, outbox] = [
    [...now.inbox, event.id],
    [...now.outbox, ...says],
  ]
  return (await documents.update(now, { is, state, inbox, outbox })) ? says : undefined
}

/** Handles one event: known ones by Redis, then by the document; on record, then published, then remembered in Redis. */
export const handler =
  <State>(service: string, documents: Documents<State>, react: Reaction<State>) =>
  async (event: Event, publish: Publish): Promise<void> => {
    const key = `naive:${service}:${event.id}`
    if (await redis.get(key)) return
    for (let attempt = 0; attempt < tries; attempt++) {
      const says = await record(documents, event, react)
      if (!says) continue
      for (const one of says) await publish(one)
      await redis.set(key, '1', 'EX', seenForSeconds)
      return
    }
    throw new Error(`${event.id} found no turn`)
  }
