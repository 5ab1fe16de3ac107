import type { Event, Heading } from '../contract/event.ts'
import { blank, type InboxEntry, type SagaDocument } from '../persistence/document.ts'
import { codeOf, SagaError } from '../runtime/errors.ts'
import type { Call } from './decision.ts'
import { takeOver } from './detached.ts'
import { relay } from './initiate.ts'
import { concluded, detach, finishIntent, type Unanswered, type WithIntent } from './intent.ts'
import { causedBy, changeOf, commit, type Kernel, load, published, untilWon, type Write } from './kernel.ts'
import { reactionTo } from './service.ts'
import { tracedCall } from './spans.ts'

/** One event as one subscriber gets it. `resend` names a deliberate re-send: Redis is not asked, and what is dead is tried again. */
export type Input<E extends Heading = Event> = { readonly event: E; readonly resend?: string | undefined }

/** What became of one input that could be decided; `settle` turns it into what happens to its message. */
export type Outcome =
  | { readonly kind: 'applied' | 'ignored' | 'duplicate' | 'busy' }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'unfinished'; readonly code: string }

/**
 * Reacts to one event exactly once (protocol, rule 1): known inputs only have their consequences sent again; new ones are decided,
 * committed in one guarded write, published, confirmed, noted in Redis, in this order. Redis is asked before the store is read, so that
 * an event that comes again costs no read; one whose write wins on a guess was new, and needs neither.
 * Throws what failed before the commit; what failed after it is the outcome `unfinished`.
 */
export const handle = async <S>(kernel: Kernel<S>, input: Input): Promise<Outcome> => {
  const { id, subject } = input.event
  const guess = guessed(kernel, input.event)
  const early = guess ? await advanceGuess(kernel, guess, input) : 'again'
  if (early !== 'again') return early
  if (await isKnownDone(kernel, input)) return { kind: 'duplicate' }
  return untilWon(id, async () => advance(kernel, await load(kernel, subject), input))
}

/**
 * The document without a read, when it is likely known: as this process wrote it last, or blank when the service usually hears of a
 * subject by this event first. What is wrong about it is found by the write, so it is nothing for an input that is on record there: no
 * write follows, and what it caused since may be missing.
 */
const guessed = <S>(
  { recent, service }: Kernel<S>,
  { subject, type, id }: Heading,
): SagaDocument<S> | undefined => {
  const known = recent.get(subject)
  if (known) return known.inbox[id] === undefined ? known : undefined
  return reactionTo(service, type)?.opens ? blank(subject, service.initial) : undefined
}

// Redis is not asked about what is sent again on purpose.
const isKnownDone = async (kernel: Kernel, { event, resend }: Input<Heading>): Promise<boolean> =>
  !resend && (await kernel.done.isDone(event.id))

/** What fails on a wrong guess is tried on the document itself before it counts as a failure. */
const advanceGuess = async <S>(
  kernel: Kernel<S>,
  guess: SagaDocument<S>,
  input: Input,
): Promise<Outcome | 'again'> => {
  try {
    return await advance(kernel, guess, input)
  } catch (error) {
    const { version } = await load(kernel, guess.subject)
    if (version === guess.version) throw error
    return 'again'
  }
}

const advance = <S>(
  kernel: Kernel<S>,
  document: SagaDocument<S>,
  input: Input,
): Promise<Outcome | 'again'> => {
  const known = recall(kernel, document, input)
  if (known) return known
  if (hasIntent(document)) return resume(kernel, document, input)
  return react(kernel, document, input)
}

/** What becomes of an input that is on record, for which its data are not needed; undefined when it is not. */
const recall = (
  kernel: Kernel,
  document: SagaDocument,
  input: Input<Heading>,
): Promise<Outcome> | undefined => {
  const entry = document.inbox[input.event.id]
  if (isHandled(entry)) return finish(kernel, causedBy(document, input.event.id), input, 'duplicate')
  if (isDead(entry, input.resend))
    return Promise.resolve({ kind: 'dead', reason: entry?.reason ?? 'unknown' })
  return undefined
}

/**
 * As much of `handle` as takes no data, for an event in a version that this release does not know: what is on record is dealt with as
 * always. Undefined when it is not: another instance may know more.
 */
export const handleUnread = async <S>(
  kernel: Kernel<S>,
  input: Input<Heading>,
): Promise<Outcome | undefined> => {
  if (await isKnownDone(kernel, input)) return { kind: 'duplicate' }
  return recall(kernel, await load(kernel, input.event.subject), input)
}

/** True when the input was applied or ignored for good. */
export const isHandled = (entry: InboxEntry | undefined): boolean =>
  entry?.outcome === 'applied' || entry?.outcome === 'ignored'

/** A dead input stays dead until a re-send that it has not seen. */
const isDead = (entry: InboxEntry | undefined, resend: string | undefined): boolean =>
  entry?.outcome === 'dead' && (resend === undefined || resend === entry.resend)

const hasIntent = <S>(document: SagaDocument<S>): document is WithIntent<S> => document.intent !== undefined

const react = async <S>(kernel: Kernel<S>, document: SagaDocument<S>, input: Input) => {
  const { event } = input
  const reaction = reactionTo(kernel.service, event.type)
  if (!reaction)
    throw new SagaError('event-unknown', `${kernel.service.name} does not hear ${event.type}`, {
      retry: 'never',
    })
  const decision = reaction.decide(document.state, event)
  if (decision.kind === 'call') return ask(kernel, document, input, decision)
  const outcome = decision.kind === 'accept' ? 'applied' : 'ignored'
  const facts = decision.kind === 'accept' ? decision.facts : []
  return commitAndFinish(kernel, document, input, {
    facts,
    cause: event.id,
    traceparent: event.traceparent,
    inbox: { [event.id]: { outcome } },
  })
}

const ask = async <S>(kernel: Kernel<S>, document: SagaDocument<S>, input: Input, { call, record }: Call) => {
  if (record === 'never') return askRepeatably(kernel, document, input, call)
  const { id, type, traceparent } = input.event
  const intent = { source: { id, type, ...(traceparent && { traceparent }) }, call, record }
  const token = record === 'every-attempt' ? { token: document.token + 1 } : {}
  const change = changeOf(kernel.service, document, { intent, ...token }, kernel.clock.now())
  const written = await commit(kernel, document, change)
  return written === 'conflict' ? 'again' : resume(kernel, { ...written, intent }, input, true)
}

const askRepeatably = async <S>(
  kernel: Kernel<S>,
  document: SagaDocument<S>,
  input: Input,
  call: unknown,
) => {
  const { id, subject, type, traceparent } = input.event
  const context = { subject, source: id, token: document.token }
  const answered = await tracedCall(kernel.service, { call, outside: false, context, parent: traceparent })
  if (answered === 'stale') return 'again'
  const { facts } = concluded(kernel, document, type, call, answered.answer)
  return commitAndFinish(kernel, document, input, {
    facts,
    cause: id,
    traceparent,
    inbox: { [id]: { outcome: 'applied' } },
  })
}

const commitAndFinish = async <S>(
  kernel: Kernel<S>,
  document: SagaDocument<S>,
  input: Input,
  write: Write,
) => {
  const change = changeOf(kernel.service, document, write, kernel.clock.now())
  if ((await commit(kernel, document, change)) === 'conflict') return 'again'
  const kind = write.inbox?.[input.event.id]?.outcome === 'ignored' ? 'ignored' : 'applied'
  return finish(kernel, published(change.events ?? []), input, kind)
}

/**
 * Publish, all confirmed: only then may the message be acknowledged, and the done key be set. Nobody waits for the key: an event that comes
 * again before it is set is known to the document.
 */
const finish = (
  kernel: Kernel,
  events: readonly Event[],
  { event, resend }: Input<Heading>,
  kind: 'applied' | 'ignored' | 'duplicate',
): Promise<Outcome> =>
  afterCommit<Outcome>(async () => {
    await kernel.publish(events, resend)
    kernel.background(kernel.done.markDone(event.id))
    return { kind }
  })

/** What fails once something is on record is taken up again without counting, for giving up would leave it half done. */
const afterCommit = async <T extends Outcome | 'again'>(work: () => Promise<T>): Promise<T | Outcome> => {
  try {
    return await work()
  } catch (error) {
    return { kind: 'unfinished', code: codeOf(error) }
  }
}

/** Finishes the open call, whoever began it; its own input is then done, any other decides afterwards. */
const resume = <S>(
  kernel: Kernel<S>,
  document: WithIntent<S>,
  input: Input,
  fresh = false,
): Promise<Outcome | 'again'> =>
  afterCommit<Outcome | 'again'>(async () => {
    const own = document.intent.source.id === input.event.id
    const finished = await finishIntent(kernel, document, { fresh })
    if (finished === 'again') return 'again'
    if ('call' in finished) return own ? letGo(kernel, document, input, finished) : { kind: 'busy' }
    if (own) return finish(kernel, finished.events, input, 'applied')
    if (document.intent.due === undefined) await kernel.publish(finished.events, input.resend)
    else await relay(kernel, document.subject, finished.events)
    return 'again'
  })

const letGo = async <S>(
  kernel: Kernel<S>,
  document: WithIntent<S>,
  input: Input,
  { call }: Unanswered,
): Promise<Outcome | 'again'> => {
  if ((await detach(kernel, document, input.event.id)) === 'conflict') return 'again'
  takeOver(kernel, document.subject, { by: 'message', call })
  return { kind: 'applied' }
}
