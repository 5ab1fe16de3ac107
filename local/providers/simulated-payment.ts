import type { Charge, ChargeAnswer, PaymentProvider, RefundAnswer } from '../../services/payment/provider.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { type Clock, sleep } from '../../shared/runtime/time/clock.ts'
import { answerOnce } from './answer-once.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'

/** How long `tok_slow` takes, in milliseconds. */
export const slowMs = 5_000

export type PaymentAnswer = ChargeAnswer | RefundAnswer

export type SimulatedPaymentProvider = PaymentProvider & {
  /** The effects so far, oldest first. */
  entries(): readonly LedgerEntry[]
}

/**
 * A payment provider whose behaviour the token of each charge chooses (README.md has the table). Time is the
 * clock's.
 */
export const simulatedPaymentProvider = ({
  clock,
  ledger,
}: {
  clock: Clock
  ledger: Ledger<PaymentAnswer>
}): SimulatedPaymentProvider => {
  const funds = refundable(ledger)
  const once = answerOnce({ clock, ledger: funds.ledger })
  const failIfFlaky = flakiness()
  const refusals = refundRefusals()

  const decideCharge = async ({ key, orderId, token }: Charge) => {
    failIfFlaky(key, token)
    refusals.noteCharge(orderId, token)
    if (token === 'tok_slow') await sleep(clock, slowMs)
    const answer = answerTo(token)
    return { answer, effect: answer.outcome === 'captured' }
  }

  return {
    charge: async call => {
      const { key, orderId, amount } = call
      const heard = await once.answer({ key, orderId, kind: 'charge', amount }, () => decideCharge(call))
      if (call.token === 'tok_timeout' && heard.first) await never()
      return chargeAnswer(heard.answer)
    },
    refund: async ({ key, orderId, amount }) => {
      await once.answer({ key, orderId, kind: 'refund', amount }, async () => {
        refusals.refuseRefund(orderId)
        funds.take(orderId, amount)
        return { answer: { outcome: 'refunded' }, effect: true }
      })
      return { outcome: 'refunded' }
    },
    entries: once.entries,
  }
}

// A new one each time: a shared one would keep every caller that ever waited for it.
const never = () => new Promise<never>(() => {})

const flakyToken = /^tok_flaky_(\d{1,6})$/

const answerTo = (token: string): ChargeAnswer => {
  if (token === 'tok_decline') return { outcome: 'declined', reason: 'card-declined' }
  if (
    ['tok_approve', 'tok_timeout', 'tok_slow'].includes(token) ||
    flakyToken.test(token) ||
    noRefundToken.test(token)
  ) {
    return { outcome: 'captured' }
  }
  return { outcome: 'declined', reason: 'unknown-token' }
}

const noRefundToken = /^tok_norefund_(\d{1,6})$/

/**
 * Refuses the first n refunds of an order whose token says so, as for a card that is closed until its holder has
 * another one. The count is forgotten in a restart.
 */
const refundRefusals = () => {
  const left = new Map<string, number>()
  return {
    noteCharge: (orderId: string, token: string) => {
      const count = Number(noRefundToken.exec(token)?.[1] ?? 0)
      if (count > 0) left.set(orderId, count)
    },
    refuseRefund: (orderId: string) => {
      const count = left.get(orderId) ?? 0
      if (count === 0) return
      left.set(orderId, count - 1)
      throw new SagaError('provider-protocol', 'the card takes no refund', { retry: 'never' })
    },
  }
}

/**
 * Fails the first n calls of a key whose token says so. The count is forgotten in a restart, as an outage
 * would be.
 */
const flakiness = () => {
  const failures = new Map<string, number>()
  return (key: string, token: string) => {
    const failed = failures.get(key) ?? 0
    if (failed >= Number(flakyToken.exec(token)?.[1] ?? 0)) return
    failures.set(key, failed + 1)
    throw new SagaError('provider-unavailable', `the token asks for failure ${failed + 1}`)
  }
}

/**
 * What each order has paid and not got back, in cents. A charge counts once it is durable and a refund from
 * its decision on, so that concurrent refunds cannot give back more than was there.
 */
const refundable = (ledger: Ledger<PaymentAnswer>) => {
  const kept = new Map<string, number>()
  const add = (orderId: string, amount: number) => kept.set(orderId, (kept.get(orderId) ?? 0) + amount)
  for (const { orderId, kind, amount, effect } of ledger.recovered) {
    if (effect) add(orderId, kind === 'charge' ? amount : -amount)
  }
  const counting: Ledger<PaymentAnswer> = {
    recovered: ledger.recovered,
    append: async call => {
      await ledger.append(call)
      if (call.effect && call.kind === 'charge') add(call.orderId, call.amount)
    },
  }
  const take = (orderId: string, amount: number) => {
    if (amount > (kept.get(orderId) ?? 0)) {
      throw new SagaError('provider-protocol', 'a refund of more than was charged', { retry: 'never' })
    }
    add(orderId, -amount)
  }
  return { ledger: counting, take }
}

const chargeAnswer = (answer: PaymentAnswer): ChargeAnswer => {
  if (answer.outcome === 'refunded') throw new SagaError('provider-protocol', 'a refund answered a charge')
  return answer
}
