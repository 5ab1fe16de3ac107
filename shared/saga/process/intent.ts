import type { Event } from '../../contract/event.ts'
import type { EventId } from '../../contract/ids.ts'
import type { ErrorReport } from '../../runtime/error-report.ts'
import { SagaError } from '../../runtime/errors.ts'
import { backoff } from '../../runtime/random.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import { within } from '../../runtime/time/clock.ts'
import { changeOf, commit, type OpenCall, publicEvents, type SagaContext } from '../context.ts'
import { reactionTo } from '../define/service.ts'
import type { Intent, SagaDocument } from '../document/document.ts'
import { tracedCall } from '../observe/call-span.ts'
import { workNames } from '../observe/log-names.ts'
import { failedCallNotice } from '../publish/notices.ts'
import { failureOn } from './failure-report.ts'
import { refusedAgain } from './refusals.ts'

/** A document that has something to finish. */
export type WithIntent<S> = SagaDocument<S> & { readonly intent: Intent }

/** No answer yet; `call` is under way here still, unless it failed. */
export type UnansweredCall = { readonly call: OpenCall | undefined }

/** `events` were committed and are to be published; `again`: another executor was faster. */
export type IntentResult = { readonly events: readonly Event[] } | 'conflict' | UnansweredCall

/**
 * A background call belongs to the instance that began it for this long (ms), then any instance may finish
 * it.
 */
const lease = 30_000
/**
 * How long a call outside may take (ms): less than the lease, so that nobody else takes it up while it is
 * still open here.
 */
export const callTimeoutMs = 10_000
const retryPace = { base: 1_000, cap: 60_000 }

type Finishing = {
  readonly fresh?: boolean
  readonly messageWaits?: boolean
  readonly call?: OpenCall | undefined
}

/**
 * Asks the world outside and commits what it answered (protocol, rules 3 and 4). Whoever finds an open intent
 * calls this first, so that no decision is ever made beside a call whose outcome is unknown. With a message
 * waiting, the service's patience bounds the wait for the answer; `fresh` says that this attempt is on record
 * already, `call` is the one to wait for, if it is the one of this intent.
 */
export const finishIntent = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  { fresh = false, messageWaits = true, call }: Finishing = {},
): Promise<IntentResult> => {
  const fenced = fresh || document.intent.record === 'once' ? document : await fence(context, document)
  if (fenced === 'conflict') return 'conflict'
  const open = call?.source === fenced.intent.source.id ? call : callFor(context, fenced)
  const patience = messageWaits ? context.service.patience : undefined
  const answered =
    patience === undefined ? { value: await open.answer } : await patiently(context, fenced, open, patience)
  if ('call' in answered) return answered
  return answered.value === 'stale' ? 'conflict' : conclude(context, fenced, answered.value.answer)
}

/** Puts a new attempt on record, so that older ones are stale from here. */
const fence = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
): Promise<WithIntent<S> | 'conflict'> => {
  const written = await commit(context, document, { token: document.token + 1 })
  return written === 'conflict' ? 'conflict' : { ...written, intent: document.intent }
}

/** The call that is under way here for this intent, or a new one. */
const callFor = <S>(context: SagaContext<S>, { subject, intent, token }: WithIntent<S>): OpenCall => {
  const { call, record, source } = intent
  // A call with a key of its own goes outside; a fenced one is made anew under its new token.
  const outside = record === 'once'
  const running = context.openCalls.get(subject)
  if (outside && running?.source === source.id) return running
  const callContext = { subject, source: source.id, token }
  const answer = tracedCall(context.service, {
    call,
    outside,
    context: callContext,
    parent: source.traceparent,
  })
  const open = { source: source.id, answer }
  if (outside) remember(context, subject, open)
  return open
}

const remember = (context: SagaContext, subject: SagaDocument['subject'], open: OpenCall) => {
  context.openCalls.set(subject, open)
  const forget = () => {
    if (context.openCalls.get(subject) === open) context.openCalls.delete(subject)
  }
  open.answer.then(forget, forget)
}

/**
 * The answer if it comes in time. A provider that fails is as good as one that is late: nobody knows what it
 * did.
 */
const patiently = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  open: OpenCall,
  patience: number,
): Promise<UnansweredCall | { value: Awaited<OpenCall['answer']> }> => {
  try {
    const answered = await within(context.clock, patience, open.answer)
    return answered === 'late' ? { call: open } : answered
  } catch (error) {
    const report = failureOn(context, error, document)
    logFailure(context.log, 'a call outside failed', report, workNames(context, document))
    // The worker of a background call reports it, at its own pace; a message that meets it again does not.
    if (document.intent.due === undefined)
      await context.reportNotice(failedCallNotice(context, document, report, 0))
    return { call: undefined }
  }
}

const conclude = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  answer: unknown,
): Promise<IntentResult> => {
  const { source, call, due } = document.intent
  const { facts } = concluded(context, document, source.type, call, answer)
  const write = {
    facts,
    cause: source.id,
    traceparent: source.traceparent,
    inbox: { [source.id]: { outcome: 'applied' as const } },
    intent: null,
  }
  const change = changeOf(
    context.service,
    document,
    { ...write, unsent: due !== undefined },
    context.clock.now(),
  )
  if ((await commit(context, document, change)) === 'conflict') return 'conflict'
  return { events: publicEvents(change.events ?? []) }
}

/** The facts that a reaction draws from an answer. */
export const concluded = <S>(
  context: SagaContext<S>,
  document: SagaDocument<S>,
  type: string,
  call: unknown,
  answer: unknown,
) => {
  const reaction = reactionTo(context.service, type)
  if (!reaction?.conclude)
    throw new SagaError('event-unknown', `no reaction concludes ${type}`, { retry: 'never' })
  return reaction.conclude(document.state, call, answer)
}

/**
 * Lets a slow call go on without its message: one write counts the input as handled and says from when on
 * anybody may finish the call. From then on its events are noted as unsent, since no message will bring them
 * back.
 */
export const moveToBackground = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  source: EventId,
) => {
  const running = context.openCalls.has(document.subject)
  const now = context.clock.now()
  const due = now + (running ? lease : backoff(context.random, 0, retryPace))
  const write = { intent: { ...document.intent, due }, inbox: { [source]: { outcome: 'applied' as const } } }
  return commit(context, document, changeOf(context.service, document, write, now))
}

/**
 * Takes a background call that is due for as long as one may be open; a conflict means that somebody else did
 * or has finished it.
 */
export const claim = <S>(context: SagaContext<S>, document: WithIntent<S>) => {
  const now = context.clock.now()
  const write = { intent: { ...document.intent, due: now + lease } }
  return commit(context, document, changeOf(context.service, document, write, now))
}

/**
 * Postpones a background call that failed again, and says by how much (ms). A conflict means that somebody
 * finished it. A refusal for good is kept on record beside the call.
 */
export const postpone = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  refusal?: ErrorReport,
): Promise<number> => {
  const failures = (document.intent.failures ?? 0) + 1
  const now = context.clock.now()
  const delay = backoff(context.random, failures, retryPace)
  const refusals = refusal && { refusals: refusedAgain(document.intent.refusals, refusal, now) }
  const write = { intent: { ...document.intent, failures, due: now + delay, ...refusals } }
  await commit(context, document, changeOf(context.service, document, write, now))
  return delay
}
