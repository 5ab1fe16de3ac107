import { expect } from 'chai'
import { shop } from '../../services/contract/shop.ts'
import { reactingNames } from '../../services/registry.ts'
import { sagaObserver } from '../../shared/hosting/metrics/saga.ts'
import { bounded } from '../../shared/runtime/telemetry/bounded-labels.ts'
import { openMetrics } from '../../shared/runtime/telemetry/metrics.ts'
import { openShop, request } from '../shop/shop.ts'
import { figuresOf, registries } from './figures.ts'

describe('the metrics of a shop', () => {
  it('count each event of an inbox by its type and by what became of it', async () => {
    const metricsOf = registries()
    const shop = await openShop({ metricsOf })
    await shop.settled(await shop.place(request()))
    await shop.settled(await shop.place(request({ token: 'tok_decline' })))
    const payment = await figuresOf(metricsOf('payment'))
    expect(payment.get('choreo_events_total{event_type="inventory.reserved",outcome="applied"}')).to.equal(2)
    const shipping = await figuresOf(metricsOf('shipping'))
    expect(shipping.get('choreo_events_total{event_type="payment.captured",outcome="applied"}')).to.equal(1)
    expect(shipping.get('choreo_handling_seconds_count{event_type="payment.captured"}')).to.equal(1)
    expect(shipping.get('choreo_lag_seconds_count{event_type="payment.captured"}')).to.equal(1)
    expect(shipping.get('choreo_envelope_events_count')).to.equal(2)
  })

  it('measure each saga once, from its first event to its end', async () => {
    const metricsOf = registries()
    const shop = await openShop({ metricsOf })
    const wishes = [{}, {}, { token: 'tok_decline' }, { postalCode: 'XX0 0XX' }]
    const orders = []
    for (const wish of wishes) orders.push(await shop.place(request(wish)))
    for (const order of orders) await shop.settled(order)
    const figures = await figuresOf(metricsOf('order'))
    const counted = ['confirmed', 'rejected', 'cancelled'].map(state =>
      figures.get(`choreo_saga_seconds_count{state="${state}"}`),
    )
    expect(counted).to.deep.equal([2, 1, 1])
    const states = [...figures.keys()].filter(name => name.startsWith('choreo_saga_seconds_count'))
    expect(states).to.have.length(counted.length)
    const spent = figures.get('choreo_saga_seconds_sum{state="confirmed"}') ?? 0
    const [first, second] = await Promise.all(orders.slice(0, 2).map(order => shop.spanOf(order)))
    expect(spent).to.be.closeTo(((first ?? 0) + (second ?? 0)) / 1_000, 0.001)
  })

  it('count messages under the names of OpenTelemetry', async () => {
    const metricsOf = registries()
    const shop = await openShop({ metricsOf })
    await shop.settled(await shop.place(request()))
    const figures = await figuresOf(metricsOf('payment'))
    const of = (destination: string) =>
      `messaging_system="rabbitmq",messaging_destination_name="${destination}"`
    const consumed = figures.get(`messaging_client_consumed_messages_total{${of('payment.inbox')}}`)
    expect(consumed).to.equal(1)
    expect(figures.get(`messaging_process_duration_seconds_count{${of('payment.inbox')}}`)).to.equal(1)
    const sent = `messaging_client_sent_messages_total{${of('saga.events')},error_type=""}`
    expect(figures.get(sent)).to.equal(1)
    const timed = `messaging_client_operation_duration_seconds_count{${of('saga.events')}}`
    expect(figures.get(timed)).to.equal(1)
  })

  it('count trouble and repairs by their reason and kind', async () => {
    const metricsOf = registries()
    const shop = await openShop({ metricsOf })
    const orderId = await shop.place(request({ token: 'tok_flaky_3' }))
    shop.broker.dropConnections('order')
    await shop.settled(orderId)
    const payment = await figuresOf(metricsOf('payment'))
    expect(payment.get('choreo_attempts_failed_total{reason="provider-unavailable"}')).to.equal(3)
    expect(payment.get('choreo_repairs_total{what="call-resumed"}')).to.equal(1)
    const order = await figuresOf(metricsOf('order'))
    expect(order.get('choreo_repairs_total{what="unsent-sent"}')).to.equal(1)
    expect(order.get('choreo_unsent_events')).to.equal(0)
  })

  it('say nothing of an order, a customer or their money', async () => {
    const metricsOf = registries()
    const shop = await openShop({ metricsOf })
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    for (const service of reactingNames) {
      const text = await metricsOf(service).text()
      for (const private_ of [orderId.slice(4), 'tok_', 'Main Street', 'Buyer', 'customer-1'])
        expect(text, service).to.not.include(private_)
    }
  })
})

describe('labels', () => {
  it('count an event type that nobody knows as another one', async () => {
    const metrics = openMetrics('payment')
    const { processed: settled } = sagaObserver(shop, metrics)
    for (const type of ['made.up', 'order.placed', undefined]) settled({ type, outcome: 'parked', ms: 1 })
    const figures = await figuresOf(metrics)
    expect(figures.get('choreo_events_total{event_type="other",outcome="parked"}')).to.equal(2)
    expect(figures.get('choreo_events_total{event_type="order.placed",outcome="parked"}')).to.equal(1)
    expect(figures.get('choreo_events_parked_total{event_type="other",reason="unknown"}')).to.equal(2)
  })

  it('are as many as they may be, and then others', () => {
    const label = bounded(2)
    expect(['a', 'b', 'c', 'a', 'd'].map(label)).to.deep.equal(['a', 'b', 'other', 'a', 'other'])
  })
})

describe('a registry', () => {
  it('tells the figures of its own service, and those of the process that services share', async () => {
    const [one, other] = [openMetrics('order'), openMetrics('payment')]
    one.counter({ name: 'own_total', help: 'One.' })()
    other.counter({ name: 'own_total', help: 'One.' })()
    for (const metrics of [one, other])
      expect((await metrics.text()).match(/^process_start_time_seconds /gm)).to.have.length(1)
    expect(await one.text()).to.include('own_total{service="order"} 1')
    expect(await other.text()).to.include('own_total{service="payment"} 1')
  })

  it('leaves out a gauge that cannot be read, and keeps the others', async () => {
    const metrics = openMetrics('order')
    let broken = false
    const read = () => {
      if (broken) throw new Error('away')
      return [{ value: 3, labels: { queue: 'a' } }]
    }
    metrics.gauge({ name: 'readable', help: 'Yes.' }, () => 1)
    metrics.gauge({ name: 'breakable', help: 'Perhaps.', labels: ['queue'] }, read)
    expect((await figuresOf(metrics)).get('breakable{queue="a"}')).to.equal(3)
    broken = true
    const figures = await figuresOf(metrics)
    expect([figures.get('readable'), figures.get('breakable{queue="a"}')]).to.deep.equal([1, undefined])
  })
})
