import type { Event } from '../../contract/event.ts'
import type { SubjectId } from '../../contract/ids.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import { changeOf, commit, eventsWithoutCause, publicEvents, type SagaContext } from '../context.ts'
import type { SagaDocument } from '../document/document.ts'
import { workNames } from '../observe/log-names.ts'
import { repairedNotice } from '../publish/notices.ts'
import { finishInBackground } from './background-call.ts'
import { failureOn } from './failure-report.ts'
import { relay } from './initiate.ts'
import { claim, type WithIntent } from './intent.ts'

const pageSize = 100

/**
 * Sends again what is still marked as unsent, page by page and each page confirmed before the next, so that a
 * backlog is not flooded. `minAge` (ms) leaves alone what its own process is publishing right now, and a
 * subject that was refused rests for a while. Resolves with how many events were sent.
 */
export const sweepUnsent = async <S>(context: SagaContext<S>, minAge: number): Promise<number> => {
  let [found, sent] = [0, 0]
  let after: SubjectId | undefined
  for (;;) {
    const page = await context.store.unsent({ limit: pageSize, ...(after && { after }) })
    const late = page.map(document => ({
      document,
      events: lateEvents(document, context.clock.now(), minAge),
    }))
    const due = late.filter(({ document }) => !context.pauses.isPaused(document.subject))
    await Promise.all(due.map(({ document, events }) => sendLate(context, document, events)))
    found += countOf(late)
    sent += countOf(due)
    after = page.at(-1)?.subject
    if (page.length < pageSize) break
  }
  context.observer.unsent(found)
  if (sent > 0) context.log.info('sent again what was marked as unsent', { count: sent })
  return sent
}

const countOf = (late: readonly { readonly events: readonly Event[] }[]): number =>
  late.reduce((sum, { events }) => sum + events.length, 0)

const sendLate = async <S>(
  context: SagaContext<S>,
  { subject }: SagaDocument<S>,
  events: readonly Event[],
) => {
  const [first] = events
  if (!(await relay(context, subject, events)) || !first) return
  const about = { topic: first.id, nth: 'unsent-sent', subject, eventId: first.id, eventType: first.type }
  await context.reportNotice(repairedNotice(context, about, 'unsent-sent', { count: events.length }))
}

// What is of the future was written before a clock was set back, so its age is not known, and sending it
// twice does no harm.
const lateEvents = (document: SagaDocument, now: number, minAge: number) =>
  publicEvents(document.events).filter(({ id, at }) => {
    const age = now - Date.parse(at)
    return document.unsent.includes(id) && (age >= minAge || age < 0)
  })

/**
 * Looks at every document whose time has come: a background call to finish, a deadline, a late saga to nudge.
 * Resolves with the earliest time (ms) at which there is something again, if that is within `aheadMs`, else
 * with infinity; what it has just looked at counts as well, for it may have failed.
 */
export const sweepDue = async <S>(context: SagaContext<S>, aheadMs = 0): Promise<number> => {
  for (;;) {
    const now = context.clock.now()
    const documents = await context.store.due(now + aheadMs, pageSize)
    const late = documents.filter(({ due = now }) => due <= now)
    const attended = await Promise.all(late.map(document => attend(context, document)))
    // Each that was attended to is due later from now on, so that a full page is followed by others.
    const goesOn = late.length === pageSize && attended.every(Boolean) && context.concurrency.hasRoom()
    if (!goesOn) return documents[0]?.due ?? Number.POSITIVE_INFINITY
  }
}

/** False when it could not be written, and so is due still. */
const attend = async <S>(context: SagaContext<S>, document: SagaDocument<S>): Promise<boolean> => {
  try {
    if (document.intent?.due === undefined) await remind(context, document)
    else await resume(context, document as WithIntent<S>)
    return true
  } catch (error) {
    const report = failureOn(context, error, document)
    logFailure(context.log, 'what is due waits for the next sweep', report, workNames(context, document))
    return false
  }
}

// Claimed first, so that neither the next look nor another instance begins it as well.
const resume = async <S>(context: SagaContext<S>, document: WithIntent<S>): Promise<void> => {
  if ((await claim(context, document)) !== 'conflict')
    finishInBackground(context, document.subject, { by: 'sweep' })
}

/**
 * Commits what the passed time means; a conflict leaves it to the next sweep, which sees the newer document.
 */
const remind = async <S>(context: SagaContext<S>, document: SagaDocument<S>): Promise<void> => {
  const now = context.clock.now()
  const { facts, nudge } = context.service.overdue?.(document.state, now) ?? { facts: [], nudge: false }
  const change = changeOf(context.service, document, { facts, unsent: true }, now)
  const written = await commit(context, document, change)
  if (written === 'conflict') return
  await relay(context, document.subject, publicEvents(change.events ?? []))
  if (nudge) await sendAgain(context, written)
}

/**
 * The unattended repair: what no message caused goes out under a new re-send id and flows down all causes.
 */
const sendAgain = async <S>(context: SagaContext<S>, document: SagaDocument<S>): Promise<void> => {
  const events = eventsWithoutCause(document)
  context.log.warn('what is late is sent again', {
    ...workNames(context, document),
    count: events.length,
  })
  await context.publish(events, context.random.id())
  // The version grows with every nudge, so that each is reported once.
  const about = { topic: document.subject, nth: `nudged-${document.version}`, subject: document.subject }
  await context.reportNotice(repairedNotice(context, about, 'nudged', { count: events.length }))
}
