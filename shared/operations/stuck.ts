import type { SubjectId } from '../contract/ids.ts'
import type { SagaDocument } from '../saga/document/document.ts'
import type { Operations } from './operations.ts'

/** A call that is refused for good: whose it is, why it was made, and what an operator may answer. Instants are milliseconds. */
export type StuckCall = {
  readonly service: string
  readonly subject: SubjectId
  /** The type of the event that asked for it. */
  readonly because: string
  readonly since: number
  readonly refusals: number
  readonly lastRefusal: string
  /** When it is made again, unless it is decided before. */
  readonly nextAt?: number
  /** The names of the answers that may be given by hand; none: only the one who is called may answer. */
  readonly answers: readonly string[]
  /** The money at risk, in cents; undefined when the service does not know. */
  readonly amount?: number
}

/** The stuck calls that were found; `more` when a service has more of them than were asked for. */
export type StuckCalls = { readonly calls: readonly StuckCall[]; readonly more: boolean }

/**
 * Every stuck call of all services, the longest one first, at most `limit` of each service. Reads only.
 * @throws SagaError `store-unavailable`
 */
export const stuckCalls = async (
  { services, stuck }: Pick<Operations, 'services' | 'stuck'>,
  limit: number,
): Promise<StuckCalls> => {
  const found = await Promise.all(
    services.map(async service => ({ service, documents: await stuck(service.name, limit + 1) })),
  )
  const calls = found.flatMap(({ service, documents }) =>
    documents.slice(0, limit).flatMap(document => stuckCallOf(service, document) ?? []),
  )
  return {
    calls: calls.toSorted((a, b) => a.since - b.since),
    more: found.some(({ documents }) => documents.length > limit),
  }
}

/** The money at risk in these calls, in cents. Pure. */
export const sumOf = (calls: readonly Pick<StuckCall, 'amount'>[]): number =>
  calls.reduce((total, { amount = 0 }) => total + amount, 0)

/** The stuck call of a document, if it has one. Pure. */
const stuckCallOf = (
  { name, byHand }: Pick<Operations['services'][number], 'name' | 'byHand'>,
  { subject, intent, stuckSince: since, due }: SagaDocument,
): StuckCall | undefined => {
  if (!intent?.refusals || since === undefined) return undefined
  const manual = byHand?.answersTo(intent.call)
  return {
    ...{ service: name, subject, because: intent.source.type, since },
    ...{ refusals: intent.refusals.count, lastRefusal: intent.refusals.last.reason },
    ...(due !== undefined && { nextAt: due }),
    answers: Object.keys(manual?.answers ?? {}),
    ...(manual && { amount: manual.amount }),
  }
}
