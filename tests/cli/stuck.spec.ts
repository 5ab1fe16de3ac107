import { expect } from 'chai'
import { apiClientAt } from '../../harness/api-client.ts'
import { audit } from '../../harness/audit.ts'
import { gatherEvidence, type Snapshot, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import type { Planned } from '../../harness/order-plan.ts'
import { patientClient } from '../../harness/patient-client.ts'
import { startWorkload, type Workload } from '../../harness/workload.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { runningSystem } from './running-system.ts'

/** An order that the carrier refuses and whose refund the provider refuses so many times. */
const planned = (refusals: number, n: number): Planned => ({
  ...{ kind: 'address refused', key: `stuck-${n}`, copies: 1 },
  body: {
    customerId: 'customer-1',
    lines: [{ sku: 'SKU-1', quantity: 2 }],
    payment: { token: `tok_norefund_${refusals}` },
    shipTo: { name: 'Ada', line1: '1 High Street', city: 'London', postalCode: 'XX0 0XX', country: 'GB' },
  },
})

type Stuck = { orderId: string; service: string; amount: number; refusals: number; answers: string[] }

describe('orders whose refund is refused for good', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  const here = runningSystem()
  const { choreo } = here
  let sources: Sources
  let start: Snapshot
  let workload: Workload

  before(async () => {
    const caller = patientClient({ clock: systemClock, random: systemRandom, patienceMs: 30_000 })
    const urlOf = (name: string) => here.system.run().find(entry => entry.name === name)?.url ?? ''
    const providers = { paymentProvider: urlOf('payment-provider'), carrier: urlOf('carrier') }
    sources = { ...providers, caller, api: apiClientAt(here.system.url, caller) }
    start = await takeSnapshot(sources)
    workload = startWorkload({ api: sources.api, clock: systemClock })
  })

  const listed = async () => {
    const { out, lines } = await choreo('saga', 'stuck', '--json')
    return out === '' ? [] : (lines as Stuck[])
  }
  const until = (what: string, holds: () => Promise<boolean>) =>
    waitUntil(what, holds, { deadlineMs: 60_000 })
  const offences = async () => {
    const run = { orders: workload.orders(), alone: true, disturbed: false }
    return audit(await gatherEvidence(sources, start, run))
  }
  const resolving = (id: string, ...more: string[]) =>
    choreo(
      ...['saga', 'resolve', id, '--service', 'payment', '--answer', 'refunded', '--by', 'Grace'],
      ...['--why', 'the card is closed', '--outside', 'bank transfer 17', ...more],
    )

  it('[I36] are seen at once with the money at risk, and end by themselves or by a decision alone', async () => {
    expect(await choreo('saga', 'stuck')).to.include({ code: 0, out: 'no call is stuck\n' })
    await workload.submit([planned(999_999, 1), planned(999_999, 2), planned(5, 3)])
    const [first = '', second = '', third = ''] = workload.orders().map(({ orderIds }) => [...orderIds][0])

    await until('all three are stuck', async () => (await listed()).length === 3)
    const { code, out } = await choreo('saga', 'stuck')
    expect([code, /3 stuck, 31\.50 at risk/.test(out)], out).to.deep.equal([1, true])
    expect((await listed()).map(({ service, amount, answers }) => [service, amount, answers])).to.deep.equal(
      Array(3).fill(['payment', 1_050, ['refunded']]),
    )
    const status = await choreo('status')
    expect(status.out).to.match(/look +3 calls refused for good, 31\.50 at risk/)
    const why = await choreo('saga', 'why', first)
    expect([why.code, why.out]).to.satisfy(
      ([ended, text]: [number, string]) => ended === 1 && /refused for good[\s\S]*answered 409/.test(text),
      why.out,
    )

    const unasked = await resolving(first)
    expect([unasked.code, unasked.err.split(':')[0]]).to.deep.equal([1, 'not-confirmed'])
    const wrong = await resolving(first, '--answer', 'kept', '--yes')
    expect([wrong.code, wrong.err.split(':')[0]]).to.deep.equal([1, 'answer-not-allowed'])
    for (let times = 0; times < 2; times++)
      expect((await resolving(first, '--yes')).out).to.match(/ended by the decision of Grace: refunded/)
    const other = await resolving(first, '--by', 'Ada', '--yes')
    expect([other.code, other.err.split(':')[0]]).to.deep.equal([1, 'resolved-otherwise'])

    await until('the third ends by itself', async () => (await listed()).every(one => one.orderId === second))
    const late = await resolving(third, '--yes')
    expect([late.code, late.err.split(':')[0]]).to.deep.equal([1, 'call-not-open'])
    expect((await sources.api.find(second))?.status, 'nobody decided on it').to.equal('placed')

    expect((await resolving(second, '--yes')).code).to.equal(0)
    expect(await workload.settle(Date.now() + 60_000)).to.equal(true)
    await until('both decisions are in the journal', async () => {
      const given = await Promise.all([first, second].map(id => sources.api.givenBackByHand(id)))
      return given.every(amount => amount === 1_050)
    })
    expect(await offences()).to.deep.equal([])
    const story = await choreo('saga', 'show', first)
    expect(story.out).to.match(/payment\.repaired .*resolved/)
    expect(story.out)
      .to.match(/by Grace/)
      .and.match(/bank transfer 17/)
    expect((await choreo('saga', 'stuck')).code).to.equal(0)
  })
})
