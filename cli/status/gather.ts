import { z } from 'zod'
import { declaredFor } from '../../rabbitmq/declared.ts'
import { participants } from '../../rabbitmq/participants.ts'
import { shop } from '../../services/contract/shop.ts'
import { Catalogue } from '../../services/order/api/openapi/answers.ts'
import { deadLettersOf, inboxOf } from '../../shared/messaging/topology/names.ts'
import { readTopology } from '../../shared/operations/topology/live-topology.ts'
import { planForVhost } from '../../shared/operations/topology/topology.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import { inTime } from '../../shared/runtime/in-time.ts'
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
  const [says, services, broker, tracking] = await Promise.all([
    doorSays(url, session.signal),
    Promise.all(Object.entries(ports).map(([name, port]) => serviceAt(name, port, session.signal))),
    brokerStatus(session).catch(error => ({ unreachable: codeOf(error) })),
    ports.tracking === undefined ? null : lagAt(ports.tracking, session.signal),
  ])
  return { door: { url, says }, services, broker, tracking }
}

// A problem document will do: without a key the catalogue is refused, and that is an answer of the API too.
const Ours = z.union([Catalogue, z.object({ code: z.string() })])

const doorSays = async (url: string, signal: AbortSignal): Promise<Status['door']['says']> => {
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

const brokerStatus = async (session: Session): Promise<BrokerStatus> => {
  const declared = declaredFor(session.places.broker())
  const { definitions, queues } = await readTopology(session.management(), declared.vhost)
  const { missing, different } = planForVhost(declared.definitions, definitions)
  const reading = (name: string) => queues.find(queue => queue.name === name)
  const ready = (name: string) => reading(name)?.ready ?? 0
  const statuses = participants.map(({ service }): QueueStatus => {
    const { ready: waiting = 0, unacknowledged = 0, consumers = 0 } = reading(inboxOf(service)) ?? {}
    return {
      ...{ service, waiting, inHand: unacknowledged, consumers },
      deadLetters: ready(deadLettersOf(service)),
    }
  })
  return {
    ...{ queues: statuses, unrouted: ready(shop.names.exchanges.unrouted) },
    missing: missing.map(({ kind, name }) => `${kind} ${name}`),
    different: different.map(({ kind, name, field }) => `${kind} ${name} has another ${field} than declared`),
  }
}
