import { expect } from 'chai'
import { reactingNames, serviceNames } from '../../services/registry.ts'
import { startWholeSystem, type WholeSystem } from '../faults/whole-system.ts'
import { until } from '../messaging/messages.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { type Collector, startCollector } from './collector.ts'

const secret = 'tok_approve'
const street = '17 Collector Lane'
const order = {
  customerId: 'ada',
  lines: [{ sku: 'SKU-1', quantity: 1 }],
  payment: { token: secret },
  shipTo: { name: 'Ada', line1: street, city: 'London', postalCode: 'N1 9GU', country: 'GB' },
}

describe('a system with a collector', function () {
  this.timeout(120_000)
  needs(rabbitmq, redis)
  let collector: Collector
  let whole: WholeSystem | undefined
  let orderId: string

  before(async () => {
    collector = await startCollector()
    whole = await startWholeSystem({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    const { url } = whole.system
    const headers = { 'content-type': 'application/json' }
    const placed = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(order) })
    ;({ orderId } = (await placed.json()) as { orderId: string })
    const status = async () => (await (await fetch(`${url}/orders/${orderId}`)).json()) as { status: string }
    await until('it is confirmed', async () => (await status()).status === 'confirmed', 30_000)
    // What is not sent yet is sent when the programs stop.
    await whole.stop()
    whole = undefined
  })
  after(async () => {
    await whole?.stop()
    await collector?.close()
  })

  it('sends the spans of each service under its own name, and those of an order as one trace', () => {
    const spans = collector.spans()
    const placed = spans.find(({ name }) => name === 'POST /orders')
    const trace = spans.filter(({ traceId }) => traceId === placed?.traceId)
    expect([...new Set(trace.map(({ service }) => service))]).to.have.members([...reactingNames])
    expect(trace.map(({ service, name }) => `${service}: ${name}`)).to.include.members([
      'order: POST /orders',
      'inventory: process order.placed',
      'payment: payment charge',
      'shipping: process payment.captured',
      'order: process shipment.scheduled',
    ])
  })

  it('sends the metrics of each service, also those of its process', () => {
    const metrics = collector.metrics()
    expect([...metrics.keys()]).to.include.members([...serviceNames, 'topology-watch'])
    expect([...(metrics.get('order') ?? [])]).to.include.members([
      'choreo_saga_seconds',
      'choreo_open_orders',
      'process_cpu_seconds_total',
    ])
  })

  it('sends no token and no address', () => {
    const sent = collector.text()
    expect(sent).to.include(orderId)
    expect([secret, street, 'N1 9GU'].filter(text => sent.includes(text))).to.deep.equal([])
  })
})
