import { expect } from 'chai'
import { apiClientAt } from '../../harness/api-client.ts'
import { audit } from '../../harness/audit.ts'
import { gatherEvidence, type Snapshot, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import { backAgain, killByName } from '../../harness/kill-process.ts'
import { type Planned, planOrders } from '../../harness/order-plan.ts'
import { patientClient } from '../../harness/patient-client.ts'
import { startWorkload, type Workload } from '../../harness/workload.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { reactingNames } from '../../services/registry.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { deadLettersIn } from './documents.ts'
import { failureText } from './failure-text.ts'
import { sharedSystem, type WholeSystem } from './whole-system.ts'

const orderCount = 500
// Payment first: its background calls have a lease, which runs out while the others are killed.
const victims = [...new Set(['payment', ...reactingNames] as const)]
const settledWithinMs = 90_000

describe('a system whose services are killed, one after the other, while orders run', function () {
  this.timeout(240_000)
  needs(rabbitmq, redis)
  let whole: WholeSystem
  let sources: Sources
  let start: Snapshot
  let workload: Workload

  before(async () => {
    whole = await sharedSystem()
    const { system } = whole
    const patience = { clock: systemClock, random: systemRandom, patienceMs: 60_000 }
    const caller = patientClient(patience)
    const urlOf = (name: string) => system.run().find(entry => entry.name === name)?.url ?? ''
    const providers = { paymentProvider: urlOf('payment-provider'), carrier: urlOf('carrier') }
    sources = { ...providers, caller, api: apiClientAt(system.url, caller) }
    start = await takeSnapshot(sources)
    workload = startWorkload({ api: sources.api, clock: systemClock })
  })

  /** Submits a part of the orders at once, and kills the service as soon as some of them are accepted. */
  const killAmidst = async (service: string, orders: readonly Planned[]) => {
    const already = accepted()
    const submitting = workload.submit(orders)
    const someAre = async () => accepted() >= already + orders.length / 4
    await waitUntil('the first orders of a part', someAre, { deadlineMs: 30_000 })
    const pid = killByName(whole.system.folder, service)
    await Promise.all([submitting, backAgain(whole.system.folder, service, pid)])
  }

  const accepted = () => workload.orders().filter(({ acceptedAt }) => acceptedAt !== undefined).length

  it('[I6] ends every accepted order, with money, parcels and stock as its end says', async () => {
    const plan = { count: orderCount, run: 'crash', stock: start.stock, random: systemRandom }
    const orders = planOrders(plan)
    const part = orders.length / victims.length
    for (const [i, service] of victims.entries())
      await killAmidst(service, orders.slice(i * part, (i + 1) * part))
    await workload.settle(Date.now() + settledWithinMs)

    const how = { orders: workload.orders(), alone: true, disturbed: true }
    const offences = audit(await gatherEvidence(sources, start, how))
    const dead = await deadLettersIn(whole.vhost)
    if (offences.length + dead.length > 0)
      expect.fail(await failureText({ ...whole, sources, offences, dead, orders: workload.orders() }))
    expect(accepted()).to.equal(orderCount)
  })
})
