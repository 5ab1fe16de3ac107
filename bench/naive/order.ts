/** The naive order service: the API, and how orders end. */
import express from 'express'
import { apiRoutes, type State } from './api.ts'
import { connectService } from './broker.ts'
import { type Event, event } from './events.ts'
import { handler } from './handle.ts'
import { port } from './places.ts'
import { documentsOf, type Known } from './store.ts'

const documents = documentsOf<State>('order')

/** What is still awaited after an event, whichever way the order ends. */
const after = (known: Known<State>, type: Event['type']): string[] => {
  const heard = new Set([...known.inbox.map(id => id.split(':')[1]), type])
  if (heard.has('shipment.scheduled')) return heard.has('inventory.consumed') ? [] : ['inventory.consumed']
  return heard.has('payment.declined') && !heard.has('inventory.released') ? ['inventory.released'] : []
}

const react = async ({ type, orderId, data }: Event, known: Known<State> | undefined) => {
  if (!known) throw new Error(`${orderId} is not on record`)
  const awaiting = after(known, type)
  const { trackingNumber, reason } = data
  if (type === 'shipment.scheduled') {
    const state = { ...known.state, awaiting, trackingNumber: trackingNumber ?? '' }
    return { is: 'confirmed', state, says: [event('order.confirmed', orderId)] }
  }
  if (type === 'payment.declined' || type === 'inventory.rejected') {
    const state = { ...known.state, awaiting, reason: reason ?? '' }
    return { is: 'rejected', state, says: [event('order.rejected', orderId)] }
  }
  return { is: known.is, state: { ...known.state, awaiting }, says: [] }
}

await documents.collection.createIndex({ is: 1 })
const publish = await connectService('order', handler('order', documents, react))
const app = express()
app.use(express.json())
app.use(apiRoutes(documents, publish))
app.get('/readyz', (_, response) => void response.json({ ready: true }))
app.listen(port, '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
