import { connect } from 'amqplib'
import { apiClientAt } from '../../harness/api-client.ts'
import { type AuditViolation, audit } from '../../harness/audit.ts'
import { gatherEvidence, type Snapshot, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import { inParallel } from '../../harness/in-parallel.ts'
import { patientClient } from '../../harness/patient-client.ts'
import { isSettled, type WorkloadOrder } from '../../harness/workload.ts'
import type { OrderAnswer } from '../../services/order/api/openapi/answers.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { type Caller, callerOf } from '../load/http.ts'
import type { Accepted } from '../load/spec.ts'
import type { Workload } from '../workloads.ts'

/** Where the stock totals of a system are read. */
export type AuditPlaces = {
  readonly url: string
  readonly paymentProvider: string
  readonly carrier: string
  /** Queues that have to be empty in the end, and who may look. */
  readonly letters: { readonly amqpUrl: string; readonly queues: readonly string[] }
}

const patienceMs = 60_000
const settledWithinMs = 30_000
const [atOnce, pollMs] = [48, 50]

const sourcesOf = (places: AuditPlaces): Sources => {
  const caller = patientClient({ clock: systemClock, random: systemRandom, patienceMs })
  return { ...places, caller, api: apiClientAt(places.url, caller) }
}

/** Stock and ledgers before a run. */
export const snapshotBefore = (places: AuditPlaces): Promise<Snapshot> => takeSnapshot(sourcesOf(places))

/** The order once it is settled, or as it stands when it is not within 30 s. */
const seenOrder = async ({ call }: Caller, orderId: string): Promise<OrderAnswer | undefined> => {
  const until = systemClock.now() + settledWithinMs
  for (;;) {
    const { status, body } = await call('GET', `/orders/${orderId}`)
    const seen = status === 200 ? (JSON.parse(body) as OrderAnswer) : undefined
    if ((seen && isSettled(seen)) || status === 404 || systemClock.now() > until) return seen
    await sleep(systemClock, pollMs)
  }
}

const trackedOf = (order: Accepted, workload: Workload, seen: OrderAnswer | undefined): WorkloadOrder => {
  const { body, kind } = workload.order(order.n)
  const { orderId, total, acceptedAt, cancelAskedAt } = order
  return {
    planned: { kind, key: String(order.n), body, copies: 1 },
    ...{ orderIds: new Set([orderId]), total, acceptedAt },
    ...(cancelAskedAt !== undefined && { cancelAskedAt }),
    ...(seen && { seen }),
  }
}

/** Messages in queues that have to be empty. */
const lettersIn = async ({ letters }: AuditPlaces): Promise<AuditViolation[]> => {
  const connection = await connect(letters.amqpUrl)
  try {
    const channel = await connection.createChannel()
    const counts = await Promise.all(
      letters.queues.map(async queue => ({ queue, count: (await channel.checkQueue(queue)).messageCount })),
    )
    return counts.flatMap(({ queue, count }) =>
      count === 0 ? [] : [{ about: queue, what: `holds ${count} messages` }],
    )
  } finally {
    await connection.close()
  }
}

/**
 * Holds everything that was accepted against orders, ledgers, stock and dead letters, as `npm run demo` does;
 * answers what is wrong.
 * @throws SagaError when the system does not answer
 */
export const auditRun = async (
  places: AuditPlaces,
  before: Snapshot,
  {
    accepted,
    workload,
    disturbed,
  }: { accepted: readonly Accepted[]; workload: Workload; disturbed: boolean },
): Promise<AuditViolation[]> => {
  const caller = callerOf(places.url)
  try {
    const orders = await inParallel(atOnce, accepted, async order =>
      trackedOf(order, workload, await seenOrder(caller, order.orderId)),
    )
    const evidence = await gatherEvidence(sourcesOf(places), before, { orders, alone: true, disturbed })
    return [...audit(evidence), ...(await lettersIn(places))]
  } finally {
    caller.close()
  }
}
