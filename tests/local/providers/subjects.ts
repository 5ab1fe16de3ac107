import { type AnsweredCall, type LedgerEntry, memoryLedger } from '../../../local/providers/ledger.ts'
import { simulatedCarrier } from '../../../local/providers/simulated-carrier.ts'
import type { PaymentAnswer } from '../../../local/providers/simulated-payment.ts'
import { simulatedPaymentProvider } from '../../../local/providers/simulated-payment.ts'
import { httpPaymentProvider, type PaymentProvider } from '../../../services/payment/provider.ts'
import { type Carrier, type CarrierAnswer, httpCarrier } from '../../../services/shipping/carrier.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { answerWithin } from '../../support/answer-within.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { startProgram } from './program.ts'

/**
 * The two providers as a service meets them, in one process or over HTTP, and what only a test may do to
 * them.
 */
export type Subject = {
  /** A caller that gives up after `timeoutMs`. */
  payment(timeoutMs: number): PaymentProvider
  carrier(timeoutMs: number): Carrier
  charged(orderId: string): Promise<LedgerEntry[]>
  shipped(orderId: string): Promise<LedgerEntry[]>
  /** Lets as much time pass as the work needs. */
  passing<T>(work: Promise<T>): Promise<T>
  now(): number
  /** Both providers die without warning and start again. */
  killAndRestart(): Promise<void>
  stop(): Promise<void>
}

/** The simulators in this process, on virtual time. A restart keeps what was durable, and nothing else. */
export const inProcess = async (): Promise<Subject> => {
  const clock = manualClock(1_700_000_000_000)
  let paid: AnsweredCall<PaymentAnswer>[] = []
  let parcels: AnsweredCall<CarrierAnswer>[] = []
  let payment = simulatedPaymentProvider({ clock, ledger: memoryLedger(paid) })
  let carrier = simulatedCarrier({ clock, ledger: memoryLedger(parcels) })
  return {
    payment: timeoutMs => ({
      charge: call => answerWithin({ who: 'payment', timeoutMs, clock }, () => payment.charge(call)),
      refund: call => answerWithin({ who: 'payment', timeoutMs, clock }, () => payment.refund(call)),
    }),
    carrier: timeoutMs => ({
      schedule: call => answerWithin({ who: 'carrier', timeoutMs, clock }, () => carrier.schedule(call)),
    }),
    charged: async orderId => payment.entries().filter(entry => entry.orderId === orderId),
    shipped: async orderId => carrier.entries().filter(entry => entry.orderId === orderId),
    passing: async work => {
      let settled = false
      const end = () => {
        settled = true
      }
      work.then(end, end)
      await clock.runUntil(() => settled, { limitMs: 60_000 })
      return work
    },
    now: clock.now,
    killAndRestart: async () => {
      paid = [...paid]
      parcels = [...parcels]
      payment = simulatedPaymentProvider({ clock, ledger: memoryLedger(paid) })
      carrier = simulatedCarrier({ clock, ledger: memoryLedger(parcels) })
    },
    stop: async () => {},
  }
}

/** The gateways against the two programs. */
export const overHttp = async (): Promise<Subject> => {
  const [paying, shipping] = await Promise.all([startProgram('payment-provider'), startProgram('carrier')])
  const gateways = new Map<string, { close(): void }>()
  const kept = <G extends { close(): void }>(name: string, make: () => G): G => {
    const gateway = gateways.get(name) ?? make()
    gateways.set(name, gateway)
    return gateway as G
  }
  const clock = systemClock
  return {
    payment: timeoutMs =>
      kept(`payment ${timeoutMs}`, () => httpPaymentProvider({ url: paying.url, timeoutMs, clock })),
    carrier: timeoutMs =>
      kept(`carrier ${timeoutMs}`, () => httpCarrier({ url: shipping.url, timeoutMs, clock })),
    charged: async orderId => (await paying.ledger()).filter(entry => entry.orderId === orderId),
    shipped: async orderId => (await shipping.ledger()).filter(entry => entry.orderId === orderId),
    passing: work => work,
    now: clock.now,
    killAndRestart: async () => {
      await Promise.all([paying.end('SIGKILL'), shipping.end('SIGKILL')])
      await Promise.all([paying.start(), shipping.start()])
    },
    stop: async () => {
      for (const gateway of gateways.values()) gateway.close()
      await Promise.all([paying.dispose(), shipping.dispose()])
    },
  }
}
