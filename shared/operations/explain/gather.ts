import type { SubjectId } from '../../contract/ids.ts'
import { inboxOf, waits } from '../../messaging/topology/names.ts'
import { briefOf, reportOf } from '../../runtime/error-report.ts'
import type { Service } from '../../saga/define/service.ts'
import { browse } from '../dead-letters/browse.ts'
import { contentOf, errorIn } from '../dead-letters/dead-letter.ts'
import type { Operations } from '../operations.ts'
import { isUnknown } from '../topology/alarms.ts'
import { type LiveTopology, readTopology } from '../topology/live-topology.ts'
import type { BrokerView, QueueReading } from '../topology/queue-readings.ts'
import {
  type Evidence,
  openSteps,
  type Readiness,
  type ServiceEvidence,
  type WaitingEvent,
} from './evidence.ts'
import { explain, type Verdict } from './explain.ts'
import { fullQueues } from './full-queue.ts'

/** Where to look besides documents and queues; what is not given is not looked at. */
export type Sources = {
  /** For how full the inboxes are and who consumes them. */
  readonly broker?: BrokerView & { readonly vhost: string }
  readonly readiness?: (service: string) => Promise<Readiness | undefined>
  /** The delays of the wait queues in ms; the usual ones unless given. */
  readonly delays?: readonly number[]
}

type Blind = Evidence['blind'][number][]

/**
 * Looks at all there is about a subject, and says why it is where it is. What cannot be looked at is said
 * too; it never throws.
 */
export const why = async (world: Operations, sources: Sources, subject: SubjectId): Promise<Verdict> =>
  explain(await gather(world, sources, subject))

/**
 * Gathers the evidence about a subject. Nothing is written; queues are looked into only for the steps that
 * the documents leave open, and wait queues also when some queue is full.
 */
export const gather = async (world: Operations, sources: Sources, subject: SubjectId): Promise<Evidence> => {
  const blind: Blind = []
  const documents = await Promise.all(
    world.services.map(async service => ({
      service,
      document: await seen(blind, `the store of ${service.name}`, () =>
        world.document(service.name, subject),
      ),
    })),
  )
  const bare = documents.map(({ service, document }) => evidenceOf(service, document && { document }))
  const open = openSteps(bare)
  const hearers = [...new Set(open.map(({ hearer }) => hearer.service))]
  const isOpen = open.length > 0 || bare.some(({ document }) => document?.unsent.length)
  // Of what has ended, only a queue that refuses can say more; nothing is missing when it cannot be asked.
  const live = await seenBroker(sources, isOpen ? blind : [])
  const full = live ? fullQueues(world, live) : []
  const [services, deadLetters, waiting] = await Promise.all([
    open.length === 0 ? bare : lookedAt(bare, { ...sources, live }, blind),
    Promise.all(hearers.map(service => deadLettersOf(world, service, subject, blind))),
    open.length + full.length === 0 ? [] : waitingOf(world, sources, subject, blind),
  ])
  return {
    saga: world.saga,
    subject,
    at: world.clock.now(),
    services,
    deadLetters: deadLetters.flat(),
    waiting,
    full,
    blind,
  }
}

const evidenceOf = (service: Service, found: Partial<ServiceEvidence> | undefined): ServiceEvidence => ({
  service: service.name,
  hears: Object.fromEntries(
    service.reactions.map(({ on, emits, within }) => [on.type, { emits: Object.keys(emits), within }]),
  ),
  ...found,
})

/** What was seen; undefined, and noted as unseen, when that failed. */
const seen = async <T>(blind: Blind, what: string, look: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await look()
  } catch (error) {
    const report = reportOf(error)
    blind.push({ what, code: report.code, ...briefOf(report) })
    return undefined
  }
}

const seenBroker = async ({ broker }: Sources, blind: Blind): Promise<LiveTopology | undefined> =>
  broker && seen(blind, 'the queues', () => readTopology(broker, broker.vhost))

const lookedAt = (
  services: readonly ServiceEvidence[],
  { readiness, live }: Sources & { live: LiveTopology | undefined },
  blind: Blind,
): Promise<ServiceEvidence[]> =>
  Promise.all(
    services.map(async service => {
      const ready = await readiness?.(service.service)
      return {
        ...service,
        ...(live && { inbox: inboxIn(live.queues, service.service, blind) }),
        ...(ready && { readiness: ready }),
      }
    }),
  )

const inboxIn = (queues: readonly QueueReading[], service: string, blind: Blind) => {
  const inbox = queues.find(({ name }) => name === inboxOf(service))
  if (inbox && isUnknown(inbox)) blind.push({ what: `the figures of ${inbox.name}`, code: 'figures-unknown' })
  return inbox ?? ('missing' as const)
}

const deadLettersOf = async (world: Operations, service: string, subject: SubjectId, blind: Blind) =>
  (await seen(blind, `the dead letters of ${service}`, () => browse(world, service, { subject }))) ?? []

const waitLimit = 1_000
const waitPatienceMs = 2_000

const waitingOf = async (
  world: Operations,
  { delays = waits }: Sources,
  subject: SubjectId,
  blind: Blind,
): Promise<WaitingEvent[]> => {
  const found = await Promise.all(
    delays.map(ms => seen(blind, `what waits for ${ms} ms`, () => waitingFor(world, ms, subject))),
  )
  return found.flatMap(one => one ?? [])
}

/** Looking at what waits takes it out for a moment: what expires meanwhile goes on a moment later. */
const waitingFor = async (world: Operations, ms: number, subject: SubjectId): Promise<WaitingEvent[]> => {
  const browser = await world.browseQueue(world.saga.names.waitOf(ms), {
    limit: waitLimit,
    patienceMs: waitPatienceMs,
  })
  const waiting: WaitingEvent[] = []
  try {
    for (let message = await browser.next(); message; message = await browser.next()) {
      const { key, headers, sentAt } = message
      const about = {
        service: key.replace(/\.inbox$/, ''),
        attempts: headers['x-attempt'] ?? 0,
        reason: headers['x-reason'] ?? 'unknown',
        ...errorIn(headers),
        ...(sentAt !== undefined && { nextAt: sentAt + ms }),
      }
      const events = contentOf(world.saga, message).eventHeaders.filter(event => event.subject === subject)
      waiting.push(...events.map(({ id }) => ({ eventId: id, ...about })))
    }
  } finally {
    await browser.end()
  }
  return waiting
}
