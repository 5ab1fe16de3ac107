import type { EventId, SubjectId } from '../../contract/ids.ts'
import { publicEvents } from '../../saga/context.ts'
import { faultText } from '../dead-letters/dead-letter.ts'
import { type Evidence, type OpenStep, openSteps } from './evidence.ts'
import { type Finding, findingOf, refusedBy, refusing } from './finding.ts'

/** Why one step is not done, in words, and what to do about it. Instants are milliseconds. */
export type Cause = Finding & {
  /** Who has to go on. */
  readonly service: string
  readonly event: { readonly id: EventId; readonly type: string }
  /** Any of these would come next; none when the step only has to be noted. */
  readonly awaits: readonly string[]
  readonly since: number
}

/**
 * `settled`: it has ended and nothing is open. `under-way`: it goes on by itself. `stuck`: it needs somebody,
 * or a long time. `unknown`: no service has heard of it.
 */
export type Verdict = {
  readonly subject: SubjectId
  readonly status: 'unknown' | 'settled' | 'under-way' | 'stuck'
  /** The event that ended it. */
  readonly ended?: string
  readonly words: string
  readonly causes: readonly Cause[]
  /** What could not be looked at: with it the verdict may be another one. */
  readonly blind: Evidence['blind']
}

/** Why a saga is where it is. Pure: it looks at the evidence alone. */
export const explain = (evidence: Evidence): Verdict => {
  const { subject, services, blind } = evidence
  const steps = openSteps(services)
  const causes = [...steps.map(step => causeOf(evidence, step)), ...refusedCauses(evidence, steps)]
  const ended = endOf(evidence)
  const status = statusOf(evidence, causes, ended)
  const words = wordsOf(evidence, status, causes, ended)
  return { subject, status, ...(ended !== undefined && { ended }), words, causes, blind }
}

const causeOf = (evidence: Evidence, step: OpenStep): Cause => ({
  ...findingOf(evidence, step),
  service: step.hearer.service,
  event: { id: step.event.id, type: step.event.type },
  awaits: step.hears.emits,
  since: Date.parse(step.event.at),
})

/** Others may have got an event that a full queue refuses: then only its publisher has not finished with it. */
const refusedCauses = (evidence: Evidence, steps: readonly OpenStep[]): Cause[] =>
  evidence.services.flatMap(from =>
    publicEvents(from.document?.events ?? [])
      .filter(({ id }) => !steps.some(({ event }) => event.id === id))
      .flatMap(event => {
        const full = refusing(evidence, from, event)
        if (!full) return []
        const about = { service: from.service, event: { id: event.id, type: event.type }, awaits: [] }
        return [{ ...refusedBy(full, from.service, event.type), ...about, since: Date.parse(event.at) }]
      }),
  )

const endOf = ({ saga, services }: Evidence): string | undefined =>
  services
    .flatMap(({ document }) => document?.events ?? [])
    .find(({ type, note }) => !note && saga.definitionOf(type)?.terminal)?.type

const statusOf = (
  { services, blind }: Evidence,
  causes: readonly Cause[],
  ended: string | undefined,
): Verdict['status'] => {
  if (services.every(({ document }) => document === undefined)) return blind.length > 0 ? 'stuck' : 'unknown'
  if (causes.length > 0) return causes.some(({ alone }) => !alone) ? 'stuck' : 'under-way'
  return ended === undefined || blind.length > 0 ? 'stuck' : 'settled'
}

const wordsOf = (
  {
    saga: {
      subject: { noun },
    },
    blind,
  }: Evidence,
  status: Verdict['status'],
  causes: readonly Cause[],
  ended: string | undefined,
): string => {
  const [worst] = [...causes.filter(({ alone }) => !alone), ...causes]
  if (worst) return worst.words
  if (blind.length > 0) return unseen(blind).join('; ')
  if (status === 'unknown') return `no service has heard of this ${noun}`
  return ended === undefined
    ? 'nothing is under way, and it has not ended: an event was lost from a document, or a rule is missing'
    : `nothing is wrong: it ended with ${ended}, and every service has done its part`
}

/** What could not be looked at, in words: a line for each reason. */
export const unseen = (blind: Evidence['blind']): readonly string[] =>
  [...new Set(blind.map(whyBlind))].map(why => {
    const places = blind.filter(one => whyBlind(one) === why).map(({ what }) => what)
    return `${places.join(', ')} could not be looked at (${why})`
  })

const whyBlind = ({ code: reason, ...error }: Evidence['blind'][number]): string =>
  faultText({ reason, ...error })
