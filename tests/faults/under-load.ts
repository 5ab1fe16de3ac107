import { expect } from 'chai'
import { apiClientAt } from '../../harness/api-client.ts'
import { audit } from '../../harness/audit.ts'
import { gatherEvidence, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import { planOrders } from '../../harness/order-plan.ts'
import { startWorkload, type Workload } from '../../harness/workload.ts'
import type { System } from '../../local/system/system.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { Vhost } from '../support/servers.ts'
import { deadLettersIn } from './documents.ts'
import { failureText } from './failure-text.ts'
import { type Answer, notingCaller } from './noting-caller.ts'

/**
 * A system that gets orders of every kind, and the proof afterwards that none was lost, doubled or left
 * behind.
 */
export type UnderLoad = {
  readonly workload: Workload
  /** Every answer of the API so far, with the phase of the test in which it was asked. */
  readonly answers: readonly Answer[]
  /** How many orders were answered with 202. */
  accepted(): number
  /** Submits one order after the other at this pace until `stop`; that resolves when all are accepted. */
  steadily(everyMs: number, count: number): { stop(): Promise<void> }
  /**
   * Fails with the stories of the orders concerned unless everything has ended, the books balance and nothing
   * is parked.
   */
  balances(where: {
    vhost: Pick<Vhost, 'name' | 'api'>
    mongodbUrl: string
    said: readonly string[]
  }): Promise<void>
  /**
   * Submits nothing more and gives up on what is not answered: of a test that failed nothing may go on
   * calling beside the tests after it.
   */
  giveUp(): void
}

const settledWithinMs = 90_000
const passes = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Looks at the stock totals of a system that nobody else uses. `phase` goes with each answer. */
export const underLoad = async (system: System, phase = () => ''): Promise<UnderLoad> => {
  const noting = notingCaller(phase)
  const urlOf = (name: string) => system.run().find(entry => entry.name === name)?.url ?? ''
  const providers = { paymentProvider: urlOf('payment-provider'), carrier: urlOf('carrier') }
  const sources: Sources = { ...providers, caller: noting, api: apiClientAt(system.url, noting) }
  const before = await takeSnapshot(sources)
  const workload = startWorkload({ api: sources.api, clock: systemClock })
  let givenUp = false
  return {
    ...{ workload, answers: noting.answers },
    accepted: () => workload.orders().filter(({ acceptedAt }) => acceptedAt !== undefined).length,
    steadily: (everyMs, count) => {
      // The orders of one run must be unknown to whatever else shares its Redis.
      const run = systemRandom.id()
      const left = planOrders({ count, run, stock: before.stock, random: systemRandom })
      const submitted: Promise<void>[] = []
      let on = true
      const submitting = async () => {
        while (on && !givenUp && left.length > 0) {
          submitted.push(workload.submit(left.splice(0, 1)))
          await passes(everyMs)
        }
        await Promise.all(submitted)
      }
      const done = submitting()
      const stop = () => {
        on = false
        return done
      }
      return { stop }
    },
    balances: async ({ vhost, mongodbUrl, said }) => {
      await workload.settle(Date.now() + settledWithinMs)
      const orders = workload.orders()
      const offences = audit(await gatherEvidence(sources, before, { orders, alone: true, disturbed: true }))
      const dead = await deadLettersIn(vhost)
      if (offences.length + dead.length > 0)
        expect.fail(await failureText({ offences, dead, orders, sources, mongodbUrl, said }))
    },
    giveUp: () => {
      givenUp = true
      noting.hangUp()
    },
  }
}
