import { trace } from '@opentelemetry/api'
import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import type { ApiCall } from '../../services/order/api/handler.ts'
import { routes } from '../../services/order/api/routes.ts'
import { orderCommands } from '../../services/order/commands.ts'
import { inSpan, traceparentOf, validTraceparent } from '../../shared/runtime/telemetry/trace.ts'
import { openShop, request } from '../shop/shop.ts'
import { recordSpans, treeOf } from './recorded-spans.ts'

type Shop = Awaited<ReturnType<typeof openShop>>

const client = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const fromClient = `00-${client.traceId}-${client.spanId}-01`

/** Places an order at the API, as a client does that is in a trace or in none. */
const placeAtTheDoor = async (shop: Shop, wish: object, traceparent?: string): Promise<OrderId> => {
  const openOrders = { enter: () => ({ leave: () => {} }) }
  const commands = orderCommands({ orders: shop.desk, operator: undefined as never, random: shop.random })
  const handler = routes({ commands, openOrders } as never)['/orders']?.POST
  const json = JSON.parse(JSON.stringify(request(wish)))
  const call = {
    ...{ caller: { name: 'caller-1', operator: false }, parameter: '', idempotencyKey: undefined },
    ...{ traceparent, body: async () => ({ json }) },
  } as unknown as ApiCall
  const answering = handler?.(call)
  await shop.clock.settle()
  const answer = (await answering) as { body: { orderId: OrderId } }
  return answer.body.orderId
}

const recordedBy = async (shop: Shop, orderId: OrderId) =>
  (await shop.documentsOf(orderId)).flatMap(({ events }) => events)

describe('the trace of an order', () => {
  let recording: ReturnType<typeof recordSpans>
  beforeEach(() => {
    recording = recordSpans()
  })
  afterEach(() => recording.stop())

  it('is one trace through all services, each step below the one that caused it', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, {}, fromClient)
    expect(await shop.settled(orderId)).to.equal('confirmed')
    const spans = recording.spans()
    expect(new Set(spans.map(span => span.spanContext().traceId))).to.deep.equal(new Set([client.traceId]))
    expect(treeOf(spans, client.spanId)).to.deep.equal([
      'server POST /orders',
      '  producer publish order.placed',
      '    consumer process order.placed',
      '      internal inventory hold',
      '      producer publish inventory.reserved',
      '        consumer process inventory.reserved',
      '          client payment charge',
      '          producer publish payment.captured',
      '            consumer process payment.captured',
      '              producer publish shipment.scheduled',
      '                consumer process shipment.scheduled',
      '                  internal inventory consume',
      '                  producer publish inventory.consumed',
      '                    consumer process inventory.consumed',
      '                consumer process shipment.scheduled',
      '                  producer publish order.confirmed',
      '              client shipping schedule',
    ])
  })

  it('begins at the API when the client is in none', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, {})
    await shop.settled(orderId)
    const spans = recording.spans()
    expect(new Set(spans.map(span => span.spanContext().traceId)).size).to.equal(1)
    expect(treeOf(spans, undefined)[0]).to.equal('server POST /orders')
  })

  it('goes on when a slow call is finished without its message, and when the order is cancelled', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, { token: 'tok_slow' }, fromClient)
    await shop.clock.advance(1_000)
    const asking = shop.desk.cancel(orderId)
    await shop.clock.settle()
    await asking
    expect(await shop.settled(orderId)).to.equal('cancelled')
    const spans = recording.spans()
    expect(new Set(spans.map(span => span.spanContext().traceId))).to.deep.equal(new Set([client.traceId]))
    const parents = new Set([client.spanId, ...spans.map(span => span.spanContext().spanId)])
    const orphans = spans.filter(({ parentSpanContext }) => !parents.has(parentSpanContext?.spanId ?? ''))
    expect(orphans.map(({ name }) => name)).to.deep.equal([])
  })

  it('says with the words of OpenTelemetry what was sent, where it was handled, and what became of it', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, {}, fromClient)
    await shop.settled(orderId)
    const called = (name: string) => recording.spans().find(span => span.name === name)?.attributes
    expect(called('publish order.placed')).to.deep.include({
      'messaging.system': 'rabbitmq',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'saga.events',
      'messaging.message.conversation_id': orderId,
    })
    expect(called('process order.placed')).to.deep.include({
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'inventory.inbox',
      'choreo.outcome': 'applied',
    })
  })

  it('names the code of an error and nothing that the error quotes', async () => {
    const failing = inSpan({ name: 'x', kind: 'client', parent: undefined, attributes: {} }, async () => {
      throw Object.assign(new Error('tok_secret'), { code: 'provider-unavailable' })
    })
    await failing.catch(() => {})
    const [span] = recording.spans()
    expect(span?.attributes['error.type']).to.equal('provider-unavailable')
    expect(JSON.stringify([span?.attributes, span?.status, span?.events])).to.not.include('tok_secret')
  })

  it('holds neither token nor address', async () => {
    const shop = await openShop()
    await shop.settled(await placeAtTheDoor(shop, {}, fromClient))
    const text = JSON.stringify(recording.spans().map(({ name, attributes }) => ({ name, attributes })))
    for (const secret of ['tok_', 'Main Street', 'Buyer']) expect(text).to.not.include(secret)
  })
})

describe('the trace of an order without an SDK', () => {
  it('is that of the client, in every event of every service', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, {}, fromClient)
    await shop.settled(orderId)
    const found = (await recordedBy(shop, orderId)).map(({ traceparent }) => traceparent)
    expect(new Set(found)).to.deep.equal(new Set([fromClient]))
  })

  it('follows from the id of the order when nobody began one', async () => {
    const shop = await openShop()
    const [one, other] = [await placeAtTheDoor(shop, {}), await placeAtTheDoor(shop, { token: 'tok_slow' })]
    for (const orderId of [one, other]) {
      await shop.settled(orderId)
      const found = (await recordedBy(shop, orderId)).map(({ traceparent }) => traceparent)
      expect(new Set(found)).to.deep.equal(new Set([traceparentOf(orderId)]))
      expect(validTraceparent(traceparentOf(orderId))).to.equal(traceparentOf(orderId))
    }
    expect(traceparentOf(one)).to.not.equal(traceparentOf(other))
    expect(trace.getActiveSpan()).to.equal(undefined)
  })

  it('goes on as that of the order when a sender wrote something else there', async () => {
    const shop = await openShop()
    const orderId = await placeAtTheDoor(shop, {}, 'forged')
    await shop.settled(orderId)
    const others = (await recordedBy(shop, orderId)).filter(({ type }) => !type.startsWith('order.'))
    expect(others).to.not.be.empty
    expect(new Set(others.map(({ traceparent }) => traceparent))).to.deep.equal(
      new Set([traceparentOf(orderId)]),
    )
  })

  it('takes nothing for a trace that is none', () => {
    for (const text of [undefined, '', 'x', `00-${'0'.repeat(32)}-${client.spanId}-01`, `${fromClient}x`])
      expect(validTraceparent(text)).to.equal(undefined)
  })
})
