import { formatCount, formatDuration, formatInstant } from '../../runtime/text/format.ts'
import { msOf } from '../../runtime/time/duration.ts'
import { adviceOn } from '../dead-letters/advice.ts'
import { faultText } from '../dead-letters/dead-letter.ts'
import type { Evidence, OpenStep } from './evidence.ts'
import type { FullQueue } from './full-queue.ts'

/** Where a step hangs. */
export const findingKinds = [
  ...(['parked', 'waiting', 'given-up', 'queue-full', 'unsent', 'queue-missing', 'no-consumer'] as const),
  ...(['dependency-away', 'call-stuck', 'call-open', 'queued', 'on-its-way', 'unheard'] as const),
] as const
export type FindingKind = (typeof findingKinds)[number]

/** What is the matter with a step, and what to do; `alone`: it goes on without anybody. */
export type Finding = {
  readonly kind: FindingKind
  readonly words: string
  readonly todo: string
  readonly alone: boolean
}

type Find = (step: OpenStep, evidence: Evidence) => Finding | undefined

const said = (kind: FindingKind, alone: boolean, words: string, todo: string): Finding => ({
  ...{ kind, alone, words, todo },
})

const patience = 'nothing: it goes on by itself'

const parked: Find = ({ event, hearer: { service } }, { saga, deadLetters }) => {
  const deadLetter = deadLetters.find(one => one.service === service && isOf(one, event.id))
  return (
    deadLetter &&
    said(
      'parked',
      false,
      `${service} gave up ${event.type} after ${formatCount(deadLetter.attempts, 'failed attempt')} (${faultText(deadLetter)}); it lies in its dead letters for ${formatDuration(deadLetter.age)}`,
      deadLetter.forged || deadLetter.reason === 'event-forged'
        ? adviceOn(deadLetter)
        : `${adviceOn(deadLetter)}; then: npx --no -- choreo dlq replay --service ${service} --${saga.subject.noun} ${event.subject}`,
    )
  )
}

const isOf = (deadLetter: Evidence['deadLetters'][number], eventId: string) =>
  deadLetter.messageId === eventId || deadLetter.events.some(({ id }) => id === eventId)

const waiting: Find = ({ event, hearer: { service } }, evidence) => {
  const found = evidence.waiting.find(one => one.service === service && one.eventId === event.id)
  if (!found) return undefined
  const next = found.nextAt === undefined ? 'soon' : `at ${formatInstant(found.nextAt)}`
  return said(
    'waiting',
    true,
    `${service} failed at ${event.type} (${faultText(found)}, ${formatCount(found.attempts, 'time')} so far) and tries again ${next}`,
    `${patience}; if it fails for good it becomes a dead letter`,
  )
}

const givenUp: Find = ({ event, hearer: { service, document } }, { saga, blind }) => {
  const entry = document?.inbox[event.id]
  if (entry?.outcome !== 'dead' || blind.some(({ what }) => what === `the dead letters of ${service}`))
    return undefined
  return said(
    'given-up',
    false,
    `${service} gave up ${event.type} (${entry.reason ?? 'unknown'}), and its dead letter is gone: it was deleted, or lost with the broker's disk`,
    `${adviceOn({ reason: entry.reason ?? 'unknown' })}; the ${saga.subject.noun} is sent again by itself once it is past its deadline, and ${service} then tries it again`,
  )
}

/** The broker confirms a message only when every queue that gets it has taken it. */
const queueFull: Find = ({ event, from }, evidence) => {
  const full = refusing(evidence, from, event)
  return full && refusedBy(full, from.service, event.type)
}

/**
 * The queue that refuses an event of this service. The event is marked as unsent, or what caused it waits to
 * be tried again. Pure.
 */
export const refusing = (
  { full, waiting: again }: Evidence,
  { service, document }: OpenStep['from'],
  { id, type, cause }: OpenStep['event'],
): FullQueue | undefined => {
  const isTriedAgain = again.some(
    one => one.service === service && one.eventId === cause && one.reason === 'publish-rejected',
  )
  const isRefused = isTriedAgain || document?.unsent.includes(id)
  return isRefused ? full.find(({ events }) => events.includes(type)) : undefined
}

/** What a full queue does to an event of this publisher. Pure. */
export const refusedBy = (full: FullQueue, publisher: string, type: string): Finding =>
  said(
    'queue-full',
    false,
    `${publisher} has ${type} on record, and RabbitMQ refuses it (publish-rejected): the queue ${full.name}, which gets it, is ${full.fill}`,
    full.service === undefined
      ? `npx --no -- choreo topology prune, if nobody needs ${full.name} any more, else have it emptied; the event is then sent by itself`
      : `start ${full.service}, or more instances of it, until ${full.name} has room; the event is then sent by itself`,
  )

const unsent: Find = ({ event, from }) =>
  from.document?.unsent.includes(event.id)
    ? said(
        'unsent',
        from.readiness === undefined || from.readiness === 'ready',
        `${from.service} has ${event.type} on record but does not know that the broker has it${not(from.readiness)}`,
        `nothing while ${from.service} and RabbitMQ run: a sweep sends it within seconds; else start them`,
      )
    : undefined

const not = (readiness: OpenStep['from']['readiness']): string => {
  if (readiness === undefined || readiness === 'ready') return ''
  return readiness === 'unreachable'
    ? ', and it does not run'
    : `, and ${readiness.failing.join(', ')} is away`
}

const queueMissing: Find = ({ event, hearer }) =>
  hearer.inbox === 'missing'
    ? said(
        'queue-missing',
        false,
        `the inbox of ${hearer.service} is missing on the broker, so ${event.type} cannot have reached it`,
        'npx --no -- choreo topology apply; the topology watch does so by itself when it runs',
      )
    : undefined

const noConsumer: Find = ({ event, hearer }) => {
  const { service, inbox, readiness } = hearer
  const silent = typeof inbox === 'object' && inbox.consumers === 0 && readiness !== 'ready'
  if (readiness !== 'unreachable' && !(silent && (readiness === undefined || broker(readiness))))
    return undefined
  const behind =
    typeof inbox === 'object' && inbox.ready !== undefined
      ? `, where ${formatCount(inbox.ready, 'message')} ${inbox.ready === 1 ? 'waits' : 'wait'}`
      : ''
  return said(
    'no-consumer',
    false,
    `${service} does not run: nobody takes ${event.type} out of its inbox${behind}`,
    `start ${service}, and look at its log for why it ended`,
  )
}

const broker = (readiness: OpenStep['from']['readiness']) =>
  typeof readiness === 'object' && readiness.failing.every(check => check === 'broker')

const dependencyAway: Find = ({ event, hearer: { service, readiness } }) =>
  typeof readiness === 'object'
    ? said(
        'dependency-away',
        false,
        `${service} cannot take ${event.type}: it lacks its ${readiness.failing.join(', ')}`,
        `bring back the ${readiness.failing.join(', ')} of ${service}; it then goes on by itself`,
      )
    : undefined

const callStuck: Find = ({ event, hearer: { service, document } }, { saga }) => {
  const intent = document?.intent
  if (intent?.source.id !== event.id || intent.refusals?.stuckSince === undefined) return undefined
  const { count, last } = intent.refusals
  return said(
    'call-stuck',
    false,
    `${service} asked outside because of ${event.type} and is refused for good: ${formatCount(count, 'refusal')}, the last at ${formatInstant(last.at)} (${last.reason}); it is still repeated`,
    `settle it with whoever refuses, and it ends by itself; or do it by other means and put that on record: npx --no -- choreo saga stuck, then saga resolve ${event.subject} --service ${service}. The ${saga.subject.noun} waits until then`,
  )
}

const callOpen: Find = ({ event, hearer: { service, document } }) => {
  const intent = document?.intent
  if (intent?.source.id !== event.id) return undefined
  const failures = intent.failures ?? 0
  const next =
    intent.due === undefined
      ? ''
      : `; unless it comes, the call is taken up again at ${formatInstant(intent.due)}`
  return said(
    'call-open',
    true,
    `${service} asked outside because of ${event.type} and has no answer yet (${formatCount(failures, 'failed call')})${next}`,
    failures === 0
      ? patience
      : `nothing, if its provider comes back: the call is repeated by itself; the log of ${service} shows why it fails`,
  )
}

const queued: Find = ({ event, hearer: { service, inbox } }) =>
  typeof inbox === 'object' && inbox.ready
    ? said(
        'queued',
        true,
        `${event.type} is in the inbox of ${service}, with ${formatCount(inbox.ready, 'message')} there and ${consumersOf(inbox)}`,
        `${patience}; if the inbox only grows, start more instances of ${service}`,
      )
    : undefined

const consumersOf = ({ consumers }: Exclude<OpenStep['hearer']['inbox'], 'missing' | undefined>): string =>
  consumers === undefined ? 'an unknown number of consumers' : formatCount(consumers, 'consumer')

const onItsWay: Find = ({ event, hearer: { service }, hears }, { at }) =>
  at - Date.parse(event.at) <= msOf(hears.within)
    ? said('on-its-way', true, `${event.type} is on its way to ${service}, or in its hands`, patience)
    : undefined

const unheard: Find = ({ event, hearer: { service } }, { saga, services, at, blind }) => {
  const where = blind.length === 0 ? 'it lies in no queue' : 'it lies in nothing that could be looked at'
  const due = deadlineIn(services)
  const again = due === undefined ? 'once it is past its deadline' : `at ${formatInstant(due)}`
  return said(
    'unheard',
    false,
    `${event.type} is on record for ${formatDuration(at - Date.parse(event.at))}, and ${service} has not heard it: ${where}`,
    `npx --no -- choreo topology plan, for a binding may be missing; the ${saga.subject.noun} is sent again by itself ${again}`,
  )
}

/**
 * When a service that waits for no call looks at its document again: the first of them sends what it
 * published once more.
 */
const deadlineIn = (services: Evidence['services']): number | undefined =>
  services
    .flatMap(({ document }) => (document?.due === undefined || document.intent ? [] : [document.due]))
    .toSorted((a, b) => a - b)[0]

/** From what is known for sure to what is left over. */
const finds: readonly Find[] = [
  ...[parked, waiting, givenUp, queueFull, unsent, queueMissing, noConsumer, dependencyAway],
  ...[callStuck, callOpen, queued, onItsWay],
]

/** What is the matter with an open step. Pure. */
export const findingOf = (evidence: Evidence, step: OpenStep): Finding => {
  for (const find of finds) {
    const finding = find(step, evidence)
    if (finding) return finding
  }
  return unheard(step, evidence) as Finding
}
