// The saga as durable workflows: one workflow an order, each step on record in PostgreSQL before the next one
// begins. No HTTP, no call of a provider, no stock: less than Choreo does.
import { DBOS } from '@dbos-inc/dbos-sdk'
import { peer, tally } from './peer.mjs'

const callers = 64

const reserve = async ({ lines }) => ({ held: lines })
const charge = async ({ payment }) =>
  payment.token === 'tok_decline' ? { outcome: 'declined' } : { outcome: 'captured' }
const release = async () => ({ held: [] })
const ship = async ({ n }) => ({ trackingNumber: `CH${n}` })
const confirm = async () => ({ status: 'confirmed' })

const saga = DBOS.registerWorkflow(
  async order => {
    await DBOS.runStep(() => reserve(order), { name: 'reserve' })
    const { outcome } = await DBOS.runStep(() => charge(order), { name: 'charge' })
    if (outcome === 'declined') {
      await DBOS.runStep(() => release(order), { name: 'release' })
      return 'rejected'
    }
    await DBOS.runStep(() => ship(order), { name: 'ship' })
    await DBOS.runStep(() => confirm(order), { name: 'confirm' })
    return 'confirmed'
  },
  { name: 'saga' },
)

const open = async ({ url }, orderOf) => {
  DBOS.setConfig({ name: 'bench', applicationVersion: '1', systemDatabaseUrl: url, logLevel: 'error' })
  await DBOS.launch()
  let n = 0
  const run = async seconds => {
    const found = tally()
    const began = performance.now()
    let orders = 0
    const caller = async () => {
      while (performance.now() - began < seconds * 1_000) {
        const since = performance.now()
        n += 1
        orders += 1
        found.ended(await saga({ ...orderOf(n - 1), n }), since)
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
    return { orders, ...found.ends, seconds: (performance.now() - began) / 1_000, took: found.took }
  }
  return { run, close: () => DBOS.shutdown() }
}

await peer(open)
