import type { Recorded } from '../../contract/event.ts'
import type { SubjectId } from '../../contract/ids.ts'
import type { Subject } from '../../contract/subject.ts'
import type { PrivateEndpoints, RoutesFor } from '../../runtime/http/private-port.ts'
import { problem } from '../../runtime/http/problem.ts'
import { changeOf, commit, publicEvents, retryOnConflict, type SagaContext } from '../context.ts'
import { RecordedResolution, Resolution } from '../define/manual-answer.ts'
import type { Service } from '../define/service.ts'
import type { SagaDocument } from '../document/document.ts'
import { repairedNotice } from '../publish/notices.ts'
import { relay } from './initiate.ts'
import { concluded, type WithIntent } from './intent.ts'

/**
 * What became of a resolution: on record (`resolved`, also when it was there before), or why not. `otherwise`:
 * another decision is on record; `no-call`: no call is open, so it was answered first or never made;
 * `not-stuck`: the call was not refused for good yet; `not-by-hand`: nobody may give this answer to this call.
 */
export const resolutionOutcomes = [
  'resolved',
  'otherwise',
  'no-call',
  'not-stuck',
  'not-by-hand',
  'unknown',
] as const
export type ResolutionOutcome = (typeof resolutionOutcomes)[number]

/**
 * Answers a stuck call in place of whoever was called: the decision, what follows from it, and the end of the
 * call are one guarded write, under a new token that makes an answer under way stale. Repeating it is harmless.
 * @throws SagaError `store-unavailable`, `contended`
 */
export const resolve = <S>(
  context: SagaContext<S>,
  subject: SubjectId,
  resolution: Resolution,
): Promise<ResolutionOutcome> =>
  retryOnConflict<ResolutionOutcome>(subject, async () => {
    const document = await context.store.load(subject)
    if (!document) return 'unknown'
    const { intent } = document
    const before = resolutionIn(context.service, document)
    if (before) return decidedBefore(context, subject, before, resolution)
    if (!intent) return 'no-call'
    if (document.stuckSince === undefined) return 'not-stuck'
    return record(context, { ...document, intent }, resolution)
  })

/** The decision that a service has on record, if any. Pure. */
const resolutionIn = <S>({ byHand }: Service<S>, { events }: SagaDocument<S>): Recorded | undefined =>
  byHand && events.find(({ type }) => type === byHand.note.type)

const decidedBefore = async <S>(
  context: SagaContext<S>,
  subject: SubjectId,
  note: Recorded,
  wish: Resolution,
): Promise<ResolutionOutcome> => {
  if (!isSame(RecordedResolution.parse(note.data), wish)) return 'otherwise'
  // Once more: whoever decided may have died before it was reported.
  await report(context, subject, note)
  return 'resolved'
}

const isSame = (a: Resolution, b: Resolution): boolean =>
  a.answer === b.answer && a.by === b.by && a.why === b.why && a.outside === b.outside

const record = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  resolution: Resolution,
): Promise<ResolutionOutcome | 'conflict'> => {
  const { service, clock } = context
  const { call, source } = document.intent
  const manual = service.byHand?.answersTo(call)
  if (!service.byHand || !manual || !Object.hasOwn(manual.answers, resolution.answer)) return 'not-by-hand'
  const note = service.byHand.note({ ...resolution, amount: manual.amount })
  const { facts } = concluded(context, document, source.type, call, manual.answers[resolution.answer])
  const write = {
    ...{ facts: [note, ...facts], cause: source.id, traceparent: source.traceparent, unsent: true },
    ...{ intent: null, token: document.token + 1, inbox: { [source.id]: { outcome: 'applied' as const } } },
  }
  const change = changeOf(service, document, write, clock.now())
  if ((await commit(context, document, change)) === 'conflict') return 'conflict'
  const [noted] = change.events ?? []
  context.background(relay(context, document.subject, publicEvents(change.events ?? [])))
  if (noted) await report(context, document.subject, noted)
  return 'resolved'
}

const report = (context: SagaContext, subject: SubjectId, note: Recorded): Promise<void> => {
  const about = { topic: note.id, nth: 'resolved', subject, eventId: note.cause }
  const resolution = RecordedResolution.parse(note.data)
  return context.reportNotice(repairedNotice(context, about, 'resolved', { resolution }))
}

const pathOf = ({ plural }: Subject) => `POST /${plural}/:id/resolve` as const

/** What the private port of every service that reacts answers besides. */
export const resolutionEndpoints = (subject: Subject) =>
  ({
    [pathOf(subject)]:
      `ends a stuck call about the ${subject.noun} by the decision \`{answer, by, why, outside}\`: \`{outcome}\` is ${resolutionOutcomes.join(', ')}`,
  }) satisfies PrivateEndpoints

/** The private route by which a stuck call of this service is resolved. */
export const resolutionRoutes = <S>(
  context: SagaContext<S>,
): RoutesFor<ReturnType<typeof resolutionEndpoints>> => {
  const { subject } = context.service.saga
  return {
    [pathOf(subject)]: async ({ id }, body) => {
      const [known, wish] = [subject.Id.safeParse(id), Resolution.safeParse(body)]
      if (!wish.success) return invalidBody
      const outcome = known.success ? await resolve(context, known.data, wish.data) : 'unknown'
      return { status: 200, body: { outcome } }
    },
  }
}

const invalidBody = {
  status: 400,
  body: problem(400, 'fields-invalid', {
    title: 'Invalid request',
    detail: 'Expected answer, by, why and outside.',
  }),
}
