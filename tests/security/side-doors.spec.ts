import { connect } from 'amqplib'
import { expect } from 'chai'
import type { Event } from '../../shared/contract/registry.ts'
import { until } from '../broker/messages.ts'
import { shortWaitMs } from '../broker/subjects.ts'
import { type Letter, newOrder, openPaymentInbox, type PaymentInbox, rawOf } from '../faults/payment-inbox.ts'
import { anEvent } from '../given/events.ts'
import { needsMongo } from '../persistence/adapters.ts'
import { needs, rabbitmq, redis } from '../servers.ts'

const wait = `saga.wait.${shortWaitMs / 1_000}s`

// The broker checks the rights for the routing key alone; CC and BCC name more keys, and it follows them unchecked.
describe('a service that turned, and sends to the inbox of payment by side doors', function () {
  this.timeout(60_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox

  beforeEach(async () => {
    inbox = await openPaymentInbox()
    inbox.start()
  })
  afterEach(async () => {
    await inbox.close()
  })

  const send = async (user: string, exchange: string, key: string, event: Event, headers: object) => {
    const connection = await connect(inbox.subject.urlOf(user))
    const channel = await connection.createConfirmChannel()
    const { body, properties } = rawOf(event)
    channel.publish(exchange, key, body, { ...properties, persistent: true, headers: { ...headers } })
    await channel.waitForConfirms()
    await connection.close()
  }
  const letter = async (): Promise<Letter | undefined> => {
    await until('a letter', async () => (await inbox.subject.ready('payment.dlq')) > 0, 20_000)
    return (await inbox.takeLetters())[0]
  }
  const refusal = () => {
    const orderId = newOrder()
    return { ...anEvent('shipment.refused'), orderId, id: `${orderId}:shipping:1` } as Event
  }

  for (const header of ['CC', 'BCC'])
    it(`[I24] gets another's event past the rights by ${header}, and it is parked as forged`, async () => {
      const event = refusal()
      await send('order', 'saga.events', 'order.placed', event, { [header]: ['shipment.refused'] })
      expect((await letter())?.properties.headers?.['x-reason']).to.equal('event-forged')
      expect(await inbox.store.load(event.orderId)).to.equal(undefined)
    })

  it("[I24] [I27] gets another's event past the rights in a version that nobody knows yet, and it never waits", async () => {
    const event = { ...refusal(), version: 99 } as Event
    await send('order', 'saga.events', 'order.placed', event, { CC: ['shipment.refused'] })
    const headers = (await letter())?.properties.headers
    expect(headers).to.include({ 'x-reason': 'event-forged', 'x-attempt': 0 })
    expect(inbox.deliveries).to.have.length(1)
  })

  it('[I24] gets it out of a wait into another inbox, and it is parked as forged', async () => {
    const event = refusal()
    await send('order', wait, 'order.inbox', event, { CC: ['payment.inbox'] })
    expect((await letter())?.properties.headers?.['x-reason']).to.equal('event-forged')
    expect(await inbox.store.load(event.orderId)).to.equal(undefined)
  })
})
