/** The naive inventory: holds all lines or none, and ends the hold when the order ends. */
import { connectService } from './broker.ts'
import { type Event, event, type Line } from './events.ts'
import { handler, type Reacted } from './handle.ts'
import { intend } from './intent.ts'
import { answerReady } from './ready.ts'
import { endHold, hold, seedStock } from './stock.ts'
import { documentsOf, type Known } from './store.ts'

type State = { lines: Line[] }

const documents = documentsOf<State>('inventory')

const reserve = async ({ orderId, data }: Event, before?: Known<State>): Promise<Reacted<State>> => {
  const lines = data.lines ?? []
  const known = await intend<State>(documents, orderId, before, { is: 'reserving', state: { lines } })
  const held = await Promise.all(lines.map(line => hold(line, orderId)))
  if (held.every(Boolean))
    return { known, is: 'held', state: { lines }, says: [event('inventory.reserved', orderId, data)] }
  await Promise.all(lines.map(line => endHold(line, orderId, 'released')))
  const says = [event('inventory.rejected', orderId, { reason: 'out-of-stock' })]
  return { known, is: 'rejected', state: { lines }, says }
}

const end = async (
  { orderId }: Event,
  known: Known<State>,
  how: 'shipped' | 'released',
): Promise<Reacted<State>> => {
  const { lines } = known.state
  await Promise.all(lines.map(line => endHold(line, orderId, how)))
  return how === 'shipped'
    ? { is: 'consumed', state: { lines }, says: [event('inventory.consumed', orderId)] }
    : { is: 'released', state: { lines }, says: [event('inventory.released', orderId)] }
}

const react = async (heard: Event, known: Known<State> | undefined) => {
  if (heard.type === 'order.placed') return reserve(heard, known)
  if (known?.is !== 'held') return undefined
  return end(heard, known, heard.type === 'shipment.scheduled' ? 'shipped' : 'released')
}

await seedStock()
await connectService('inventory', handler('inventory', documents, react))
answerReady()
