/** The naive shipping: sends what was paid. */
import { connectService } from './broker.ts'
import { type Event, event } from './events.ts'
import { handler } from './handle.ts'
import { intend } from './intent.ts'
import { places } from './places.ts'
import { post } from './provider.ts'
import { answerReady } from './ready.ts'
import { documentsOf, type Known } from './store.ts'

type State = { trackingNumber?: string }
type Answer = { outcome: 'scheduled'; trackingNumber: string }

const documents = documentsOf<State>('shipping')

const react = async ({ orderId, data }: Event, before: Known<State> | undefined) => {
  const known = await intend<State>(documents, orderId, before, { is: 'asking', state: {} })
  const call = { key: `${orderId}:shipment`, orderId, shipTo: data.shipTo }
  const { trackingNumber } = await post<Answer>(`${places.carrier}/shipments`, call)
  const says = [event('shipment.scheduled', orderId, { trackingNumber })]
  return { known, is: 'scheduled', state: { trackingNumber }, says }
}

await connectService('shipping', handler('shipping', documents, react))
answerReady()
