import { expect } from 'chai'
import { shop } from '../../services/contract/shop.ts'
import { registerApiMetrics } from '../../services/order/api/metrics.ts'
import { registerTrackingMetrics } from '../../services/tracking/metrics.ts'
import type { Saga } from '../../shared/contract/saga.ts'
import { observedBroker } from '../../shared/hosting/metrics/messaging.ts'
import { observedStore, sagaObserver } from '../../shared/hosting/metrics/saga.ts'
import { observeCircuits, observeState } from '../../shared/hosting/metrics/state.ts'
import type { Broker, Delivery } from '../../shared/messaging/broker.ts'
import { openMetrics } from '../../shared/runtime/telemetry/metrics.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { memoryStore } from '../../shared/storage/memory/store.ts'
import { message } from '../messaging/messages.ts'

const most = 51
const many = Array.from({ length: 500 }, (_, n) => `any.${n}` as never)

/** A saga in which every event is known and ends it. */
const anySaga = { ...shop, definitionOf: () => ({ terminal: true }) } as unknown as Saga

/** Refuses every other message, each time with another code, and delivers one message from every queue. */
const anyBroker: Broker = {
  publisher: () => {
    let sent = 0
    const publish = async () => {
      if (sent++ % 2 === 0) throw Object.assign(new Error('refused'), { code: `any-${sent}` })
    }
    return { publish, close: async () => {}, connected: true }
  },
  consumer: ({ queue, onDelivery }) => {
    onDelivery({ queue, ack: () => {}, requeue: () => {} } as unknown as Delivery)
    return undefined as never
  },
}

/** Everything that a service registers, given 500 values for each label. */
const flooded = async () => {
  const metrics = openMetrics('any')
  const observer = sagaObserver(anySaga, metrics)
  const broker = observedBroker(anyBroker, metrics, systemClock)
  const store = observedStore(anySaga, { ...memoryStore(), commit: async () => 'committed' }, metrics)
  const refused = registerApiMetrics(metrics, () => 0)
  const publisher = broker.publisher()
  registerTrackingMetrics(metrics, () => 0)
  const idle = { connected: false, blocked: false, consuming: false, paused: false, openCalls: 0 }
  observeState(metrics, () => idle)
  observeCircuits(metrics, () => Object.fromEntries(many.map(name => [name, true])) as never)
  for (const any of many) {
    for (const outcome of [any, 'parked' as const])
      observer.processed({ type: any, outcome, reason: any, ms: 1, ageMs: 1 })
    observer.reported({ kind: 'attempt-failed', data: { reason: any } } as never)
    observer.reported({ kind: 'repaired', data: { what: any } } as never)
    observer.reportLost({ kind: any } as never)
    refused(any)
    for (let n = 0; n < 2; n++) await publisher.publish({ ...message('m'), exchange: any }).catch(() => {})
    broker.consumer({ queue: any, prefetch: 1, onDelivery: ({ ack }) => ack() })
    const event = { type: any, at: '2030-01-01T00:00:00.000Z' }
    await store.commit({ events: [event] } as never, { events: [event] } as never)
  }
  return metrics
}

/** The values of each label of each figure in a scrape, as `figure label`. */
const valuesIn = (text: string): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>()
  for (const [, figure = '', labels = ''] of text.matchAll(/^(\w+?)(?:_bucket|_sum|_count)?\{(.*)\} /gm))
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      const values = found.get(`${figure} ${label}`) ?? new Set()
      found.set(`${figure} ${label}`, values.add(value))
    }
  return found
}

describe('the labels of every figure', () => {
  it('have so many values and no more, whatever comes', async () => {
    const metrics = await flooded()
    const values = valuesIn(await metrics.text())
    const labelled = metrics
      .described()
      .flatMap(({ name, labels }) => labels.map(label => `${name} ${label}`))
    expect(labelled.length).to.be.above(10)
    for (const label of labelled.filter(one => !one.endsWith('messaging_system'))) {
      const count = values.get(label)?.size ?? 0
      expect(count, `${label}, which this test floods`).to.be.above(40)
      expect(count, label).to.be.at.most(most)
    }
    const ours = metrics.described().map(({ name }) => name)
    for (const [label, { size }] of values)
      if (ours.some(name => label.startsWith(`${name} `))) expect(size, label).to.be.at.most(most)
  })
})
