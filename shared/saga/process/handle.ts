import type { Event, EventHeader } from '../../contract/event.ts'
import type { ErrorReport } from '../../runtime/error-report.ts'
import { codeOf, SagaError } from '../../runtime/errors.ts'
import {
  causedBy,
  changeOf,
  commit,
  load,
  publicEvents,
  retryOnConflict,
  type SagaContext,
  type Write,
} from '../context.ts'
import type { Call } from '../define/decision.ts'
import { reactionTo } from '../define/service.ts'
import { blank, type InboxEntry, type SagaDocument } from '../document/document.ts'
import { tracedCall } from '../observe/call-span.ts'
import { finishInBackground } from './background-call.ts'
import { failureOf } from './failure-report.ts'
import { relay } from './initiate.ts'
import { concluded, finishIntent, moveToBackground, type UnansweredCall, type WithIntent } from './intent.ts'

/** One event as a subscriber gets it. On a deliberate `resend` Redis is not asked and what is dead is tried. */
export type Input<E extends EventHeader = Event> = { readonly event: E; readonly resend?: string | undefined }

/** What became of one input that could be decided; `settle` turns it into what happens to its message. */
export type Outcome =
  | { readonly kind: 'applied' | 'ignored' | 'duplicate' | 'busy' }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'unfinished'; readonly code: string; readonly report?: ErrorReport }

/**
 * Reacts to one event exactly once (protocol, rule 1): known inputs only have their consequences sent again;
 * new ones are decided, committed in one guarded write, published, confirmed, noted in Redis, in this order.
 * Redis is asked before the store is read, so that an event that comes again costs no read; one whose write
 * wins on a guess was new, and needs neither. Throws what failed before the commit; what failed after it is
 * the outcome `unfinished`.
 */
export const handle = async <S>(context: SagaContext<S>, input: Input): Promise<Outcome> => {
  const { id, subject } = input.event
  const guess = guessed(context, input.event)
  const early = guess ? await advanceGuess(context, guess, input) : 'conflict'
  if (early !== 'conflict') return early
  if (await isKnownDone(context, input)) return { kind: 'duplicate' }
  return retryOnConflict(id, async () => advance(context, await load(context, subject), input))
}

/**
 * The document without a read, when it is likely known: as this process wrote it last, or blank when the
 * service usually hears of a subject by this event first. What is wrong about it is found by the write, so it
 * is nothing for an input that is on record there: no write follows, and what it caused since may be missing.
 */
const guessed = <S>(
  { recentDocuments: recent, service }: SagaContext<S>,
  { subject, type, id }: EventHeader,
): SagaDocument<S> | undefined => {
  const known = recent.get(subject)
  if (known) return known.inbox[id] === undefined ? known : undefined
  return reactionTo(service, type)?.opens ? blank(subject, service.initial) : undefined
}

// Redis is not asked about what is sent again on purpose.
const isKnownDone = async (context: SagaContext, { event, resend }: Input<EventHeader>): Promise<boolean> =>
  !resend && (await context.done.isDone(event.id))

/** What fails on a wrong guess is tried on the document itself before it counts as a failure. */
const advanceGuess = async <S>(
  context: SagaContext<S>,
  guess: SagaDocument<S>,
  input: Input,
): Promise<Outcome | 'conflict'> => {
  try {
    return await advance(context, guess, input)
  } catch (error) {
    const { version } = await load(context, guess.subject)
    if (version === guess.version) throw error
    return 'conflict'
  }
}

const advance = <S>(
  context: SagaContext<S>,
  document: SagaDocument<S>,
  input: Input,
): Promise<Outcome | 'conflict'> => {
  const known = recall(context, document, input)
  if (known) return known
  if (hasIntent(document)) return resume(context, document, input)
  return react(context, document, input)
}

/** What becomes of an input that is on record; undefined when it is not. Its data are not needed. */
const recall = (
  context: SagaContext,
  document: SagaDocument,
  input: Input<EventHeader>,
): Promise<Outcome> | undefined => {
  const entry = document.inbox[input.event.id]
  if (isHandled(entry)) return finish(context, causedBy(document, input.event.id), input, 'duplicate')
  if (isDead(entry, input.resend))
    return Promise.resolve({ kind: 'dead', reason: entry?.reason ?? 'unknown' })
  return undefined
}

/**
 * As much of `handle` as takes no data, for an event in a version that this release does not know: what is on
 * record is dealt with as always. Undefined when it is not: another instance may know more.
 */
export const handleNewerVersion = async <S>(
  context: SagaContext<S>,
  input: Input<EventHeader>,
): Promise<Outcome | undefined> => {
  if (await isKnownDone(context, input)) return { kind: 'duplicate' }
  return recall(context, await load(context, input.event.subject), input)
}

/** True when the input was applied or ignored for good. */
export const isHandled = (entry: InboxEntry | undefined): boolean =>
  entry?.outcome === 'applied' || entry?.outcome === 'ignored'

/** A dead input stays dead until a re-send that it has not seen. */
const isDead = (entry: InboxEntry | undefined, resend: string | undefined): boolean =>
  entry?.outcome === 'dead' && (resend === undefined || resend === entry.resend)

const hasIntent = <S>(document: SagaDocument<S>): document is WithIntent<S> => document.intent !== undefined

const react = async <S>(context: SagaContext<S>, document: SagaDocument<S>, input: Input) => {
  const { event } = input
  const reaction = reactionTo(context.service, event.type)
  if (!reaction)
    throw new SagaError('event-unknown', `${context.service.name} does not hear ${event.type}`, {
      retry: 'never',
    })
  const decision = reaction.decide(document.state, event)
  if (decision.kind === 'call') return ask(context, document, input, decision)
  const outcome = decision.kind === 'accept' ? 'applied' : 'ignored'
  const facts = decision.kind === 'accept' ? decision.facts : []
  return commitAndFinish(context, document, input, {
    facts,
    cause: event.id,
    traceparent: event.traceparent,
    inbox: { [event.id]: { outcome } },
  })
}

const ask = async <S>(
  context: SagaContext<S>,
  document: SagaDocument<S>,
  input: Input,
  { call, record }: Call,
) => {
  if (record === 'never') return askRepeatably(context, document, input, call)
  const { id, type, traceparent } = input.event
  const intent = { source: { id, type, ...(traceparent && { traceparent }) }, call, record }
  const token = record === 'every-attempt' ? { token: document.token + 1 } : {}
  const change = changeOf(context.service, document, { intent, ...token }, context.clock.now())
  const written = await commit(context, document, change)
  return written === 'conflict' ? 'conflict' : resume(context, { ...written, intent }, input, true)
}

const askRepeatably = async <S>(
  context: SagaContext<S>,
  document: SagaDocument<S>,
  input: Input,
  call: unknown,
) => {
  const { id, subject, type, traceparent } = input.event
  const callContext = { subject, source: id, token: document.token }
  const answered = await tracedCall(context.service, {
    call,
    outside: false,
    context: callContext,
    parent: traceparent,
  })
  if (answered === 'stale') return 'conflict'
  const { facts } = concluded(context, document, type, call, answered.answer)
  return commitAndFinish(context, document, input, {
    facts,
    cause: id,
    traceparent,
    inbox: { [id]: { outcome: 'applied' } },
  })
}

const commitAndFinish = async <S>(
  context: SagaContext<S>,
  document: SagaDocument<S>,
  input: Input,
  write: Write,
) => {
  const change = changeOf(context.service, document, write, context.clock.now())
  if ((await commit(context, document, change)) === 'conflict') return 'conflict'
  const kind = write.inbox?.[input.event.id]?.outcome === 'ignored' ? 'ignored' : 'applied'
  return finish(context, publicEvents(change.events ?? []), input, kind)
}

/**
 * Publish, all confirmed: only then may the message be acknowledged, and the done key be set. Nobody waits
 * for the key: an event that comes again before it is set is known to the document.
 */
const finish = (
  context: SagaContext,
  events: readonly Event[],
  { event, resend }: Input<EventHeader>,
  kind: 'applied' | 'ignored' | 'duplicate',
): Promise<Outcome> =>
  afterCommit<Outcome>(context, event, async () => {
    await context.publish(events, resend)
    context.background(context.done.markDone(event.id))
    return { kind }
  })

/** What fails after the commit is tried again without counting: giving up would leave it half done. */
const afterCommit = async <T extends Outcome | 'conflict'>(
  context: SagaContext,
  event: EventHeader,
  work: () => Promise<T>,
): Promise<T | Outcome> => {
  try {
    return await work()
  } catch (error) {
    return { kind: 'unfinished', code: codeOf(error), report: await failureOf(context, error, event) }
  }
}

/** Finishes the open call, whoever began it; its own input is then done, any other decides afterwards. */
const resume = <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  input: Input,
  fresh = false,
): Promise<Outcome | 'conflict'> =>
  afterCommit<Outcome | 'conflict'>(context, input.event, async () => {
    const own = document.intent.source.id === input.event.id
    const finished = await finishIntent(context, document, { fresh })
    if (finished === 'conflict') return 'conflict'
    if ('call' in finished)
      return own ? continueInBackground(context, document, input, finished) : { kind: 'busy' }
    if (own) return finish(context, finished.events, input, 'applied')
    if (document.intent.due === undefined) await context.publish(finished.events, input.resend)
    else await relay(context, document.subject, finished.events)
    return 'conflict'
  })

const continueInBackground = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  input: Input,
  { call }: UnansweredCall,
): Promise<Outcome | 'conflict'> => {
  if ((await moveToBackground(context, document, input.event.id)) === 'conflict') return 'conflict'
  finishInBackground(context, document.subject, { by: 'message', call })
  return { kind: 'applied' }
}
