import { z } from 'zod'
import { declaredFor } from '../../rabbitmq/declared.ts'
import { participants } from '../../rabbitmq/participants.ts'
import { deadLettersOf, exchanges, inboxOf } from '../../shared/messaging/names.ts'
import { readTopology } from '../../shared/operations/live-topology.ts'
import { planForVhost } from '../../shared/operations/topology.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import { inTime } from '../../shared/runtime/in-time.ts'
import type { Session } from '../session.ts'
import type { BrokerStatus, QueueStatus, ServiceStatus, Status } from './verdict.ts'

const patienceMs = 5_000

/** Asks every part of the system at once. @throws SagaError `system-not-found` when it is not known where anything is */
export const gatherStatus = async (session: Session): Promise<Status> => {
  const { url } = session.places.door()
  const ports = session.places.privatePorts()
  const [answers, services, broker, tracking] = await Promise.all([
    doorAnswers(session),
    Promise.all(Object.entries(ports).map(([name, port]) => serviceAt(name, port, session.signal))),
    brokerStatus(session).catch(error => ({ unreachable: codeOf(error) })),
    ports.tracking === undefined ? null : lagAt(ports.tracking, session.signal),
  ])
  return { door: { url, answers }, services, broker, tracking }
}

// Any answer will do: without a key the catalogue is refused, and that is an answer too.
const doorAnswers = async ({ places, signal }: Session): Promise<boolean> =>
  (await get(`${places.door().url}/catalogue`, signal)) !== undefined

const serviceAt = async (name: string, url: string, signal: AbortSignal): Promise<ServiceStatus> => {
  const answer = await get(`${url}/readyz`, signal)
  if (!answer) return { name, ready: false, why: 'it does not answer' }
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
  const response = await fetch(url, { signal })
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
    ...{ queues: statuses, unrouted: ready(exchanges.unrouted) },
    missing: missing.map(({ kind, name }) => `${kind} ${name}`),
    different: different.map(({ kind, name, field }) => `${kind} ${name} has another ${field} than declared`),
  }
}
