/**
 * How fast RabbitMQ of this machine and RabbitMQ 4 are through our own adapters, private instances on one
 * machine, one after the other in each round. `node dist/bench/parts/rabbitmq.js [rounds]`; one line of JSON
 * per workload: medians of both, and of the ratio within a round. As root, for it enters a root folder.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RabbitMq, startRabbitMq } from '../../local/servers/rabbitmq.ts'
import {
  chosenInstallation,
  type Installation,
  installationIn,
} from '../../local/servers/rabbitmq-installation.ts'
import { rabbitMqRoot } from '../../local/servers/rabbitmq-root.ts'
import { shopTopology } from '../../rabbitmq/participants.ts'
import { shop } from '../../services/contract/shop.ts'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import type { Delivery, OutgoingMessage, Publisher } from '../../shared/messaging/broker.ts'
import { applyDefinitions } from '../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../shared/messaging/topology/definitions.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { inboxOf } from '../../shared/messaging/topology/names.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'

const [messages, single, retried, waitMs] = [10_000, 300, 3_000, 1_000]
const inbox = inboxOf('inventory')
const body = Buffer.alloc(600, 'x')

const event = (n: number): OutgoingMessage => ({
  ...{ exchange: 'saga.events', key: 'order.placed', type: 'order.placed', messageId: `m${n}`, body },
  contentType: 'application/cloudevents+json',
})
/** What the kernel publishes for a failed attempt. */
const copy = (n: number): OutgoingMessage => ({
  ...{ ...event(n), exchange: shop.names.waitOf(waitMs), key: inbox },
  headers: { 'x-attempt': 1, 'x-first-failed-at': '2030-01-01T00:00:00.000Z', 'x-reason': 'TypeError' },
})
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

type Bench = {
  server: RabbitMq
  publisher: Publisher
  consume: (onDelivery: (d: Delivery) => void) => Consuming
}
type Consuming = { close(): Promise<void> }

const open = async (folder: string, installation: Installation): Promise<Bench> => {
  const server = await startRabbitMq({ folder, log: silentLog, installation })
  const api = managementApi(server)
  await applyDefinitions(api, renderDefinitions(shopTopology([waitMs])))
  const all = { configure: '.*', write: '.*', read: '.*' }
  await api('PUT', `/api/permissions/choreo/${server.adminUser}`, all)
  const broker = amqpBroker({
    ...{ url: server.adminUrl('choreo'), name: 'bench' },
    ...{ clock: systemClock, random: systemRandom, log: silentLog },
  })
  const consume = (onDelivery: (delivery: Delivery) => void) =>
    broker.consumer({ queue: inbox, prefetch: 256, onDelivery })
  return { server, publisher: broker.publisher(), consume }
}

/**
 * Consumes until `count` deliveries were taken for good; `each` says whether one was. Resolves with
 * milliseconds from now.
 */
const untilTaken = async (
  bench: Bench,
  count: number,
  each: (delivery: Delivery) => boolean,
): Promise<number> => {
  const began = performance.now()
  let taken = 0
  let done = () => {}
  const all = new Promise<void>(resolve => {
    done = resolve
  })
  const consumer = bench.consume(delivery => {
    if (each(delivery) && ++taken === count) done()
  })
  await all
  const ms = performance.now() - began
  await consumer.close()
  return ms
}

const acknowledge = (delivery: Delivery): true => {
  delivery.ack()
  return true
}
const publishAll = (bench: Bench, count: number) =>
  Promise.all(numbers(count).map(n => bench.publisher.publish(event(n))))
const perSecond = (count: number, ms: number) => Math.round((count * 1_000) / ms)

const publishAndConsume = async (bench: Bench) => {
  const began = performance.now()
  await publishAll(bench, messages)
  const publish = perSecond(messages, performance.now() - began)
  return { publish, consume: perSecond(messages, await untilTaken(bench, messages, acknowledge)) }
}

/** One message at a time, from its publish until its handler has it (median, milliseconds). */
const oneByOne = async (bench: Bench): Promise<number> => {
  let arrived = () => {}
  const consumer = bench.consume(delivery => {
    delivery.ack()
    arrived()
  })
  const times: number[] = []
  for (const n of numbers(single)) {
    const began = performance.now()
    const there = new Promise<void>(resolve => {
      arrived = resolve
    })
    await bench.publisher.publish(event(n))
    await there
    times.push(performance.now() - began)
  }
  await consumer.close()
  return median(times)
}

/**
 * Every message fails once: it goes the way of a failed attempt, and is acknowledged when it comes again.
 * Delays are not counted.
 */
const retries = async (bench: Bench, fail: (delivery: Delivery) => void): Promise<number> => {
  await publishAll(bench, retried)
  const isFirst = ({ headers, earlierDeliveries }: Delivery) =>
    !headers['x-attempt'] && earlierDeliveries === 0
  const ms = await untilTaken(bench, retried, delivery => {
    if (!isFirst(delivery)) return acknowledge(delivery)
    fail(delivery)
    return false
  })
  return perSecond(retried, ms - waitMs)
}

const byLadder = (bench: Bench) =>
  retries(bench, delivery => {
    const n = Number(delivery.messageId?.slice(1))
    void bench.publisher.publish(copy(n)).then(() => delivery.ack())
  })

/** RabbitMQ 4.3 alone: the queue itself holds back what was rejected. */
const byDelayedRetry = async (bench: Bench): Promise<number> => {
  const api = managementApi(bench.server)
  const path = `/api/policies/choreo/${inbox}`
  const policy = (await api('GET', path)) as { definition: Record<string, unknown> }
  const delayed = { 'delayed-retry-type': 'all', 'delayed-retry-min': waitMs, 'delayed-retry-max': waitMs }
  await api('PUT', path, { ...policy, definition: { ...policy.definition, ...delayed } })
  try {
    return await retries(bench, delivery => delivery.requeue())
  } finally {
    await api('PUT', path, policy)
  }
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const round = async (bench: Bench) => ({
  ...(await publishAndConsume(bench)),
  oneByOneMs: await oneByOne(bench),
  retryByLadder: await byLadder(bench),
})
type Figures = Awaited<ReturnType<typeof round>>

const report = (workload: string, machine: number[], four: number[]) => {
  const ratio = median(four.map((value, i) => value / (machine[i] ?? 1)))
  const figures = { workload, machine: median(machine), four: median(four), ratio: Number(ratio.toFixed(2)) }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}

const versionOf = async ({ server }: Bench) =>
  ((await managementApi(server)('GET', '/api/overview')) as { rabbitmq_version: string }).rabbitmq_version

const main = async (rounds: number): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-bench-'))
  const { root } = await rabbitMqRoot(line => process.stderr.write(`${line}\n`))
  const machine = await open(join(folder, 'machine'), chosenInstallation({}))
  const four = await open(join(folder, 'four'), installationIn(root))
  try {
    process.stdout.write(
      `${JSON.stringify({ machine: await versionOf(machine), four: await versionOf(four), rounds })}\n`,
    )
    const pairs: [Figures, Figures][] = []
    const native: number[] = []
    for (let i = 0; i < rounds; i++) {
      pairs.push([await round(machine), await round(four)])
      native.push(await byDelayedRetry(four))
    }
    for (const name of ['publish', 'consume', 'oneByOneMs', 'retryByLadder'] as const)
      report(
        name,
        pairs.map(([one]) => one[name]),
        pairs.map(([, other]) => other[name]),
      )
    report(
      'delayed retry against the retry policy, both on 4',
      pairs.map(([, other]) => other.retryByLadder),
      native,
    )
  } finally {
    await Promise.all(
      [machine, four].map(async ({ publisher, server }) => {
        await publisher.close(1_000)
        await server.kill()
      }),
    )
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

await main(Number(process.argv[2] ?? 5))
