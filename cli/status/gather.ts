import { z } from 'zod'
import { declaredFor } from '../../rabbitmq/declared.ts'
import { participants } from '../../rabbitmq/participants.ts'
import { shop } from '../../services/contract/shop.ts'
import { Catalogue } from '../../services/order/api/openapi/answers.ts'
import { deadLettersOf, inboxOf } from '../../shared/messaging/topology/names.ts'
import { stuckCalls, sumOf } from '../../shared/operations/stuck.ts'
import { isUnknown, totalOf } from '../../shared/operations/topology/alarms.ts'
import { eventsInto } from '../../shared/operations/topology/event-routes.ts'
import { fillLevels, fillText } from '../../shared/operations/topology/fill.ts'
import {
  foreignQueues,
  foreignText,
  isGrave,
  isTrouble,
} from '../../shared/operations/topology/foreign-queues.ts'
import { bySource, sourceText } from '../../shared/operations/topology/in-force.ts'
import { type LiveTopology, readTopology } from '../../shared/operations/topology/live-topology.ts'
import { refusing } from '../../shared/operations/topology/look-metrics.ts'
import { type DeclaredTopology, planForVhost } from '../../shared/operations/topology/topology.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import { inTime } from '../../shared/runtime/in-time.ts'
import { failureOf } from '../failure.ts'
import { fetchAsAsked } from '../fetch-as-asked.ts'
import type { Session } from '../session.ts'
import { type BrokerStatus, type QueueStatus, type ServiceStatus, type Status, silent } from './verdict.ts'

const patienceMs = 5_000

/**
 * Asks every part of the system at once. @throws SagaError `system-not-found` when it is not known where
 * anything is
 */
export const gatherStatus = async (session: Session): Promise<Status> => {
  const { url } = session.places.api()
  const ports = session.places.privatePorts()
  const [says, services, broker, tracking, stuck] = await Promise.all([
    apiAnswers(url, session.signal),
    Promise.all(Object.entries(ports).map(([name, port]) => serviceAt(name, port, session.signal))),
    brokerStatus(session).catch(unseenBy),
    ports.tracking === undefined ? null : lagAt(ports.tracking, session.signal),
    stuckStatus(session),
  ])
  return { api: { url, says }, services, broker, tracking, stuck }
}

const mostStuck = 1_000

const stuckStatus = async (session: Session): Promise<Status['stuck']> => {
  try {
    const operations = await session.operations({ documents: true })
    const { calls, more } = await inTime(patienceMs, () => stuckCalls(operations, mostStuck), session.signal)
    return { calls: calls.length, amount: sumOf(calls), more }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    const code = late ? 'no-answer' : codeOf(error)
    return code === 'system-not-found' ? null : { unreachable: code }
  }
}

const unseenBy = (error: unknown): Status['broker'] => {
  const { code, detail, help } = failureOf(error)
  return { unreachable: code, why: `${detail} ${help}` }
}

// A problem document will do: without a key the catalogue is refused, and that is an answer of the API too.
const Ours = z.union([Catalogue, z.object({ code: z.string() })])

const apiAnswers = async (url: string, signal: AbortSignal): Promise<Status['api']['says']> => {
  const answer = await get(`${url}/catalogue`, signal)
  if (!answer) return 'nothing'
  return Ours.safeParse(answer.json).success ? 'answers' : 'something else'
}

const serviceAt = async (name: string, url: string, signal: AbortSignal): Promise<ServiceStatus> => {
  const answer = await get(`${url}/readyz`, signal)
  if (!answer) return { name, ready: false, why: silent }
  if (answer.status === 200) return { name, ready: true }
  const { detail } = z.object({ detail: z.string().optional() }).catch({}).parse(answer.json)
  return { name, ready: false, ...(detail && { why: detail.replace(/\.$/, '') }) }
}

const Lag = z.object({ lagSeconds: z.number() })

const lagAt = async (url: string, signal: AbortSignal): Promise<Status['tracking']> => {
  const lag = Lag.safeParse((await get(`${url}/lag`, signal))?.json)
  return lag.success ? lag.data : { unreachable: 'no-answer' }
}

const get = async (url: string, signal: AbortSignal) => {
  try {
    return await inTime(patienceMs, until => answerAt(url, until), signal)
  } catch {
    return undefined
  }
}

const answerAt = async (url: string, signal: AbortSignal) => {
  const response = await fetchAsAsked(url, { signal })
  return { status: response.status, json: (await response.json().catch(() => ({}))) as unknown }
}

const ownQueues = [
  ...participants.flatMap(({ service }) => [inboxOf(service), deadLettersOf(service)]),
  shop.names.exchanges.unrouted,
]

/** Of our queues those that are half full and more, and those of which only that is unknown. */
const fillsIn = (declared: DeclaredTopology, live: LiveTopology): BrokerStatus['fills'] => {
  const into = eventsInto(shop.names.exchanges.events, live.definitions)
  const unknown = new Set(live.queues.filter(isUnknown).map(({ name }) => name))
  return refusing(declared, live, [])
    .filter(({ queue, share }) => (share === undefined ? !unknown.has(queue) : share > fillLevels.half))
    .map(fill => ({
      ...{ grave: (fill.share ?? 0) > fillLevels.nearly, queue: fill.queue, fill: fillText(fill) },
      events: into.get(fill.queue) ?? [],
    }))
}

const brokerStatus = async (session: Session): Promise<BrokerStatus> => {
  const declared = declaredFor(session.places.broker())
  const live = await readTopology(session.broker(), declared.vhost)
  const { missing, different, notInForce } = planForVhost(declared.definitions, live)
  const others = foreignQueues(shop.names, declared.definitions, live)
  const reading = (name: string) => live.queues.find(queue => queue.name === name)
  const total = (name: string) => totalOf(reading(name)) ?? null
  const statuses = participants.map(({ service }): QueueStatus => {
    const inbox = reading(inboxOf(service))
    return {
      ...{ service, waiting: inbox?.ready ?? null, inHand: inbox?.unacknowledged ?? null },
      ...{ consumers: inbox?.consumers ?? null, deadLetters: total(deadLettersOf(service)) },
    }
  })
  return {
    ...{ queues: statuses, unrouted: total(shop.names.exchanges.unrouted) },
    unknown: ownQueues
      .flatMap(name => reading(name) ?? [])
      .filter(isUnknown)
      .map(({ name }) => name),
    missing: missing.map(({ kind, name }) => `${kind} ${name}`),
    foreign: others.filter(isTrouble).map(one => ({ grave: isGrave(one), what: foreignText(one) })),
    fills: fillsIn(declared, live),
    inForce: bySource(notInForce).map(one => ({ grave: one.lost.length > 0, what: sourceText(one) })),
    different: different.map(({ kind, name, field }) => `${kind} ${name} has another ${field} than declared`),
  }
}
