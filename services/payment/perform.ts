import type { Perform } from '../../shared/saga/define/service.ts'
import type { PaymentCall } from './domain.ts'
import type { PaymentProvider } from './provider.ts'

/**
 * Carries out what the domain asks of the payment provider, under the key `<order>:<kind>` that makes it
 * happen once.
 */
export const askProvider =
  (provider: PaymentProvider): Perform =>
  async (request, { subject: orderId }) => {
    const call = request as PaymentCall
    const about = { key: `${orderId}:${call.kind}`, orderId, amount: call.amount }
    return {
      answer: await (call.kind === 'charge'
        ? provider.charge({ ...about, token: call.token })
        : provider.refund(about)),
    }
  }
