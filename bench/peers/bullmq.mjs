// The saga as jobs: five queues on one Redis, each step a job whose data is the state of the order; a declined payment goes back to the stock.
// No HTTP, no call of a provider, no stock: less than Choreo does.
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

const open = async ({ url }, orderOf) => {
  const connection = { url, maxRetriesPerRequest: null }
  // What has ended is kept, as an order is; the jobs on its way are not.
  const queues = Object.fromEntries(
    names.map(name => [
      name,
      new Queue(name, { connection, defaultJobOptions: { removeOnComplete: name !== 'finish' } }),
    ]),
  )
  let found = tally()
  let openNow = 0
  const forward = name => async job => {
    const [queue, what, data] = steps[name](job.data, job.name)
    await queues[queue].add(what, data)
  }
  const finish = async job => {
    openNow -= 1
    found.ended(job.name, job.data.since)
    return { status: job.name }
  }
  const workers = names.map(
    name => new Worker(name, name === 'finish' ? finish : forward(name), { connection, concurrency }),
  )
  await Promise.all(workers.map(worker => worker.waitUntilReady()))

  let n = 0
  const some = () =>
    Array.from({ length: atOnce }, () => {
      n += 1
      return { name: 'place', data: { ...orderOf(n - 1), n, since: performance.now() } }
    })
  const pause = () => new Promise(resolve => setTimeout(resolve, 1))
  const run = async seconds => {
    found = tally()
    const began = performance.now()
    let orders = 0
    while (performance.now() - began < seconds * 1_000) {
      if (openNow > mostOpen - atOnce) await pause()
      else {
        openNow += atOnce
        orders += atOnce
        await queues.order.addBulk(some())
      }
    }
    while (openNow > 0) await pause()
    return { orders, ...found.ends, seconds: (performance.now() - began) / 1_000, took: found.took }
  }
  const close = async () => {
    await Promise.all(workers.map(worker => worker.close()))
    await Promise.all(Object.values(queues).map(queue => queue.close()))
  }
  return { run, close }
}

await peer(open)
