import { z } from 'zod'
import { Cents } from '../../services/contract/money.ts'
import { ChargeAnswer, RefundAnswer } from '../../services/payment/provider.ts'
import { text } from '../../shared/contract/text.ts'
import { runProgram } from './serve.ts'
import { simulatedPaymentProvider } from './simulated-payment.ts'

const Refund = z.strictObject({ key: text(200), orderId: text(200), amount: Cents })
const Charge = Refund.extend({ token: text(200) })

await runProgram({
  name: 'payment-provider',
  answer: z.union([ChargeAnswer, RefundAnswer]),
  simulate: parts => {
    const provider = simulatedPaymentProvider(parts)
    return {
      posts: {
        '/charges': async body => provider.charge(Charge.parse(body)),
        '/refunds': async body => provider.refund(Refund.parse(body)),
      },
      entries: provider.entries,
    }
  },
})
