import { expect } from 'chai'
import fc from 'fast-check'
import { type AnsweredCall, memoryLedger } from '../../../local/providers/ledger.ts'
import { type PaymentAnswer, simulatedPaymentProvider } from '../../../local/providers/simulated-payment.ts'
import { codeOf } from '../../../shared/runtime/errors.ts'
import { manualClock } from '../../support/manual-clock.ts'

const orderId = fc.constantFrom('a', 'b')
const amount = fc.integer({ min: 1, max: 3 })
const key = fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5')
const token = fc.constantFrom('tok_approve', 'tok_decline', 'tok_timeout', 'tok_flaky_1', 'tok_slow')

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('charge' as const), key, orderId, amount, token }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refund' as const), key, orderId, amount }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ max: 6_000, min: 0 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Entry = { key: string; orderId: string; kind: string; amount: number }

/** What every order has paid and not got back; fails when it ever was below zero. */
const expectNeverBelowZero = (entries: readonly Entry[]) => {
  const kept = new Map<string, number>()
  for (const { orderId, kind, amount } of entries) {
    const now = (kept.get(orderId) ?? 0) + (kind === 'charge' ? amount : -amount)
    expect(now).to.be.at.least(0)
    kept.set(orderId, now)
  }
}

const play = async (script: readonly Step[]) => {
  const clock = manualClock()
  let durable: AnsweredCall<PaymentAnswer>[] = []
  let provider = simulatedPaymentProvider({ clock, ledger: memoryLedger(durable) })
  const heard = new Map<string, Set<string>>()
  const listen = (id: string, work: Promise<PaymentAnswer>) => {
    const asked = provider
    work.then(
      // What a provider says after it was killed reaches nobody.
      answer => asked === provider && heard.set(id, (heard.get(id) ?? new Set()).add(answer.outcome)),
      error => expect(codeOf(error)).to.be.oneOf(['provider-unavailable', 'provider-protocol']),
    )
  }
  for (const now of script) {
    if (now.do === 'charge') listen(now.key, provider.charge(now))
    if (now.do === 'refund') listen(now.key, provider.refund(now))
    if (now.do === 'wait') await clock.advance(now.ms)
    if (now.do === 'restart') {
      durable = [...durable]
      provider = simulatedPaymentProvider({ clock, ledger: memoryLedger(durable) })
    }
  }
  await clock.advance(10_000)
  return { heard, entries: provider.entries(), durable }
}

describe('whatever is asked of the payment provider, in whatever order and with whatever restarts', () => {
  it('each key has at most one effect and one answer, and no order gets back more than it paid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async script => {
        const { heard, entries, durable } = await play(script)
        for (const [id, outcomes] of heard) expect([...outcomes], id).to.have.length(1)
        expect(new Set(durable.map(call => call.key))).to.have.property('size', durable.length)
        expect(entries).to.have.length(durable.filter(({ effect }) => effect).length)
        expectNeverBelowZero(entries)
      }),
      { numRuns: 500 },
    )
  })
})
