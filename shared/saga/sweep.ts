import type { OrderId } from '../contract/ids.ts'
import type { Event } from '../contract/registry.ts'
import type { OrderDocument } from '../persistence/document.ts'
import { codeOf } from '../runtime/errors.ts'
import { takeOver } from './detached.ts'
import { relay } from './initiate.ts'
import { claim, type WithIntent } from './intent.ts'
import { causeless, changeOf, commit, type Kernel, published } from './kernel.ts'
import { repaired } from './notices.ts'

const pageSize = 100

/**
 * Sends again what is still marked as unsent, page by page and each page confirmed before the next, so that a backlog is not flooded.
 * `minAge` (ms) leaves alone what its own process is publishing right now, and an order that was refused rests for a while. Resolves with how many events were sent.
 */
export const sweepUnsent = async <S>(kernel: Kernel<S>, minAge: number): Promise<number> => {
  let [found, sent] = [0, 0]
  let after: OrderId | undefined
  for (;;) {
    const page = await kernel.store.unsent({ limit: pageSize, ...(after && { after }) })
    const late = page.map(document => ({
      document,
      events: lateEvents(document, kernel.clock.now(), minAge),
    }))
    const due = late.filter(({ document }) => !kernel.pauses.isPaused(document.orderId))
    await Promise.all(due.map(({ document, events }) => sendLate(kernel, document, events)))
    found += countOf(late)
    sent += countOf(due)
    after = page.at(-1)?.orderId
    if (page.length < pageSize) break
  }
  kernel.observer.unsent(found)
  if (sent > 0) kernel.log.info('sent again what was marked as unsent', { events: sent })
  return sent
}

const countOf = (late: readonly { readonly events: readonly Event[] }[]): number =>
  late.reduce((sum, { events }) => sum + events.length, 0)

const sendLate = async <S>(kernel: Kernel<S>, { orderId }: OrderDocument<S>, events: readonly Event[]) => {
  const [first] = events
  if (!(await relay(kernel, orderId, events)) || !first) return
  const about = { subject: first.id, nth: 'unsent-sent', orderId, eventId: first.id, eventType: first.type }
  await kernel.tell(repaired(kernel, about, 'unsent-sent', events.length))
}

// What is of the future was written before a clock was set back, so its age is not known, and sending it twice does no harm.
const lateEvents = (document: OrderDocument, now: number, minAge: number) =>
  published(document.events).filter(({ id, at }) => {
    const age = now - Date.parse(at)
    return document.unsent.includes(id) && (age >= minAge || age < 0)
  })

/**
 * Looks at every document whose time has come: a detached call to finish, a deadline, an order to nudge. Resolves with the earliest time
 * (ms) at which there is something again, if that is within `aheadMs`, else with infinity; what it has just looked at counts as well, for it may have failed.
 */
export const sweepDue = async <S>(kernel: Kernel<S>, aheadMs = 0): Promise<number> => {
  for (;;) {
    const now = kernel.clock.now()
    const documents = await kernel.store.due(now + aheadMs, pageSize)
    const late = documents.filter(({ due = now }) => due <= now)
    const attended = await Promise.all(late.map(document => attend(kernel, document)))
    // Each that was attended to is due later from now on, so that a full page is followed by others.
    const goesOn = late.length === pageSize && attended.every(Boolean) && kernel.inWork.hasRoom()
    if (!goesOn) return documents[0]?.due ?? Number.POSITIVE_INFINITY
  }
}

/** False when it could not be written, and so is due still. */
const attend = async <S>(kernel: Kernel<S>, document: OrderDocument<S>): Promise<boolean> => {
  try {
    if (document.intent?.due === undefined) await remind(kernel, document)
    else await resume(kernel, document as WithIntent<S>)
    return true
  } catch (error) {
    kernel.log.warn('a due order waits for the next sweep', {
      orderId: document.orderId,
      code: codeOf(error),
    })
    return false
  }
}

// Claimed first, so that neither the next look nor another instance begins it as well.
const resume = async <S>(kernel: Kernel<S>, document: WithIntent<S>): Promise<void> => {
  if ((await claim(kernel, document)) !== 'conflict') takeOver(kernel, document.orderId, { by: 'sweep' })
}

/** Commits what the passed time means; a conflict leaves it to the next sweep, which sees the newer document. */
const remind = async <S>(kernel: Kernel<S>, document: OrderDocument<S>): Promise<void> => {
  const now = kernel.clock.now()
  const { facts, nudge } = kernel.service.overdue?.(document.state, now) ?? { facts: [], nudge: false }
  const change = changeOf(kernel.service, document, { facts, unsent: true }, now)
  const written = await commit(kernel, document, change)
  if (written === 'conflict') return
  await relay(kernel, document.orderId, published(change.events ?? []))
  if (nudge) await sendAgain(kernel, written)
}

/** The unattended repair: what no message caused goes out under a new re-send id and flows down all causes. */
const sendAgain = async <S>(kernel: Kernel<S>, document: OrderDocument<S>): Promise<void> => {
  const events = causeless(document)
  kernel.log.warn('a late order is sent again', { orderId: document.orderId, events: events.length })
  await kernel.publish(events, kernel.random.id())
  // The version grows with every nudge, so that each is told once.
  const about = { subject: document.orderId, nth: `nudged-${document.version}`, orderId: document.orderId }
  await kernel.tell(repaired(kernel, about, 'nudged', events.length))
}
