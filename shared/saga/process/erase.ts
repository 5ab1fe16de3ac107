import { erasedEvent } from '../../contract/erasure.ts'
import type { SubjectId } from '../../contract/ids.ts'
import { isKnown } from '../../contract/on-record.ts'
import type { Subject } from '../../contract/subject.ts'
import { SagaError } from '../../runtime/errors.ts'
import type { PrivateEndpoints, RoutesFor } from '../../runtime/http/private-port.ts'
import { commit, publicEvents, retryOnConflict, type SagaContext } from '../context.ts'
import type { SagaDocument } from '../document/document.ts'

/** `open`: something may still need the data; `unknown`: it is not known here. */
export type Erasure = 'erased' | 'open' | 'unknown'

/**
 * Replaces what is sensitive in all events of the subject, in one guarded write. State stays the fold of the
 * events, and what is sent again later is sent in its erased form. Repeating it is harmless. @throws
 * SagaError `store-unavailable`, `contended`, and `event-newer` when a newer release recorded one of the
 * events: what is sensitive in it is not known here
 */
export const erase = <S>(context: SagaContext<S>, subject: SubjectId): Promise<Erasure> =>
  retryOnConflict<Erasure>(subject, async () => {
    const document = await context.store.load(subject)
    if (!document) return 'unknown'
    if (!isAtRest(context, document)) return 'open'
    if (document.erasedAt !== undefined) return 'erased'
    const { saga } = context.service
    const newer = publicEvents(document.events).find(event => !isKnown(saga, event))
    if (newer) throw new SagaError('event-newer', `${newer.id} is ${newer.type} v${newer.version}`)
    const erasure = {
      events: document.events.map(event => erasedEvent(saga, event)),
      at: context.clock.now(),
    }
    return (await commit(context, document, { erasure })) === 'conflict' ? 'conflict' : 'erased'
  })

const isAtRest = <S>({ service }: SagaContext<S>, { state, intent, unsent }: SagaDocument<S>): boolean =>
  intent === undefined && unsent.length === 0 && (service.mayErase?.(state) ?? true)

const pathOf = ({ plural }: Subject) => `POST /${plural}/:id/erase` as const

/** What the private port of every service that reacts answers besides. */
export const erasureEndpoints = (subject: Subject) =>
  ({
    [pathOf(subject)]:
      `replaces what is sensitive of a settled ${subject.noun} in its document: \`{outcome}\` is erased, open or unknown`,
  }) satisfies PrivateEndpoints

/** The private route by which a subject is erased in this service. */
export const erasureRoutes = <S>(context: SagaContext<S>): RoutesFor<ReturnType<typeof erasureEndpoints>> => {
  const { subject } = context.service.saga
  return {
    [pathOf(subject)]: async ({ id }) => {
      const known = subject.Id.safeParse(id)
      const outcome = known.success ? await erase(context, known.data) : 'unknown'
      return { status: 200, body: { outcome } }
    },
  }
}
