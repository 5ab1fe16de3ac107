import { apiClientAt } from '../../harness/api-client.ts'
import { type AuditEvidence, type AuditViolation, audit } from '../../harness/audit.ts'
import { cpuBetween, cpuOf } from '../../harness/cpu.ts'
import { gatherEvidence, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import { backAgain, killByName, pidOf } from '../../harness/kill-process.ts'
import { planOrders } from '../../harness/order-plan.ts'
import { patientClient } from '../../harness/patient-client.ts'
import { startWorkload, type Workload } from '../../harness/workload.ts'
import { shownSkus } from '../../services/catalogue.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { type Clock, sleep } from '../../shared/runtime/time/clock.ts'
import { readRunList } from '../../system/run-list.ts'
import { censusLine } from './census.ts'
import type { Found } from './find-system.ts'
import type { Live } from './live.ts'
import type { Options } from './options.ts'

type DemoOptions = {
  found: Found
  options: Options
  live: Live
  bearer: string | undefined
  clock: Clock
}

/** What a run left behind, and what is wrong with it. */
export type Result = {
  startedAt: number
  evidence: AuditEvidence
  offences: readonly AuditViolation[]
  /** CPU seconds by process during the run; empty where they cannot be read. */
  cpu: readonly [string, number][]
  /** Why calls were repeated, and how often. */
  repeats: ReadonlyMap<string, number>
}

const patienceMs = 60_000

/** Submits, watches, and audits a run against a system. */
export const runDemo = async ({ found, options, live, bearer, clock }: DemoOptions): Promise<Result> => {
  const caller = patientClient({ clock, random: systemRandom, patienceMs, bearer })
  const api = apiClientAt(found.url, caller)
  const sources: Sources = { ...found, api, caller }
  if (options.kill) pidOf(found.folder, options.kill)
  const before = await takeSnapshot(sources)
  const run = `demo-${systemRandom.id()}`
  const stock = before.stock.filter(({ sku }) => !shownSkus.includes(sku))
  const orders = planOrders({ count: options.orders, run, stock, random: systemRandom })
  const workload = startWorkload({ api, clock })
  const startedAt = clock.now()
  const until = startedAt + options.withinSeconds * 1_000
  const cpuBefore = cpuNow(found)
  live.say(`Submitting ${orders.length} orders of every kind at once.`)
  const submitting = workload.submit(orders)
  live.show(() => censusLine(workload.orders(), clock.now() - startedAt))
  const killing = options.kill ? killAmidst(options.kill, { found, workload, live, clock }) : undefined
  await Promise.all([submitting, workload.settle(until), killing])
  live.end()
  const cpu = cpuBetween(cpuBefore, cpuNow(found))
  const how = { orders: workload.orders(), alone: found.ours, disturbed: options.kill !== undefined }
  const evidence = await gatherEvidence(sources, before, how)
  return { startedAt, evidence, offences: audit(evidence), cpu, repeats: caller.repeats() }
}

const cpuNow = ({ folder }: Found) => cpuOf(folder ? readRunList(folder) : [])

/** Kills one process once a third of the orders are accepted, and resolves when it is back. */
const killAmidst = async (
  name: string,
  { found, workload, live, clock }: { found: Found; workload: Workload; live: Live; clock: Clock },
): Promise<void> => {
  const folder = found.folder ?? ''
  const accepted = () => workload.orders().filter(({ acceptedAt }) => acceptedAt !== undefined).length
  while (accepted() < workload.orders().length / 3) await sleep(clock, 5)
  const pid = killByName(folder, name)
  live.say(`kill -9 ${pid}: ${name} is gone.`)
  live.say(`${name} is back as pid ${await backAgain(folder, name, pid)}.`)
}
