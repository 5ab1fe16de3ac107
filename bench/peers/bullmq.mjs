// The saga as jobs: five queues on one Redis, each step a job whose data is the state of the order; a
// declined payment goes back to the stock. No HTTP, no call of a provider, no stock: less than Choreo does.
import { Queue, Worker } from 'bullmq'
import { peer, tally } from './peer.mjs'

const names = ['order', 'inventory', 'payment', 'shipping', 'finish']
const concurrency = 100
const atOnce = 100
const mostOpen = 500

const priced = data => ({ ...data, total: data.lines.reduce((sum, { quantity }) => sum + 500 * quantity, 0) })
const isDeclined = ({ payment }) => payment.token === 'tok_decline'

/** What a job of each queue does: the queue and the data of the next one. */
const steps = {
  order: data => ['inventory', 'reserve', { ...priced(data), status: 'placed' }],
  inventory: (data, name) =>
    name === 'release'
      ? ['finish', 'rejected', { ...data, held: false }]
      : ['payment', 'charge', { ...data, held: true }],
  payment: data =>
    isDeclined(data)
      ? ['inventory', 'release', { ...data, charged: false, reason: 'card-declined' }]
      : ['shipping', 'ship', { ...data, charged: true }],
  shipping: data => ['finish', 'confirmed', { ...data, trackingNumber: `CH${data.n}` }],
}

// What has ended is kept, as an order is; the jobs on its way are not.
const openQueues = connection =>
  Object.fromEntries(
    names.map(name => [
      name,
      new Queue(name, { connection, defaultJobOptions: { removeOnComplete: name !== 'finish' } }),
    ]),
  )

const openWorkers = async (connection, queues, onEnd) => {
  const forward = name => async job => {
    const [queue, what, data] = steps[name](job.data, job.name)
    await queues[queue].add(what, data)
  }
  const finish = async job => {
    onEnd(job)
    return { status: job.name }
  }
  const workers = names.map(
    name => new Worker(name, name === 'finish' ? finish : forward(name), { connection, concurrency }),
  )
  await Promise.all(workers.map(worker => worker.waitUntilReady()))
  return workers
}

const pause = () => new Promise(resolve => setTimeout(resolve, 1))

/** Places orders in bulk while not too many are open; resolves when all have ended. */
const placing = (queue, orderOf, state) => async seconds => {
  state.found = tally()
  const began = performance.now()
  let orders = 0
  while (performance.now() - began < seconds * 1_000) {
    if (state.open > mostOpen - atOnce) {
      await pause()
      continue
    }
    const first = state.next
    const since = performance.now()
    const place = (_, i) => ({ name: 'place', data: { ...orderOf(first + i), n: first + i, since } })
    state.open += atOnce
    state.next += atOnce
    orders += atOnce
    await queue.addBulk(Array.from({ length: atOnce }, place))
  }
  while (state.open > 0) await pause()
  const { ends, took } = state.found
  return { orders, ...ends, seconds: (performance.now() - began) / 1_000, took }
}

const open = async ({ url }, orderOf) => {
  const connection = { url, maxRetriesPerRequest: null }
  const queues = openQueues(connection)
  const state = { found: tally(), open: 0, next: 0 }
  const workers = await openWorkers(connection, queues, job => {
    state.open -= 1
    state.found.ended(job.name, job.data.since)
  })
  const close = async () => {
    await Promise.all(workers.map(worker => worker.close()))
    await Promise.all(Object.values(queues).map(queue => queue.close()))
  }
  return { run: placing(queues.order, orderOf, state), close }
}

await peer(open)
