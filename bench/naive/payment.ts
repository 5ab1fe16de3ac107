/** The naive payment: charges what was reserved. */
import { connectService } from './broker.ts'
import { type Event, event } from './events.ts'
import { handler } from './handle.ts'
import { intend } from './intent.ts'
import { places } from './places.ts'
import { post } from './provider.ts'
import { answerReady } from './ready.ts'
import { documentsOf, type Known } from './store.ts'

type State = { amount: number }
type Answer = { outcome: 'captured' } | { outcome: 'declined'; reason: string }

const documents = documentsOf<State>('payment')

const react = async ({ orderId, data }: Event, before: Known<State> | undefined) => {
  const { total: amount = 0, token = '', shipTo } = data
  const known = await intend<State>(documents, orderId, before, { is: 'charging', state: { amount } })
  const call = { key: `${orderId}:charge`, orderId, amount, token }
  const answer = await post<Answer>(`${places.paymentProvider}/charges`, call)
  const says =
    answer.outcome === 'captured'
      ? event('payment.captured', orderId, { ...(shipTo && { shipTo }) })
      : event('payment.declined', orderId, { reason: answer.reason })
  return { known, is: answer.outcome, state: { amount }, says: [says] }
}

await connectService('payment', handler('payment', documents, react))
answerReady()
