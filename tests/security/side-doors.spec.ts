import { connect } from 'amqplib'
import { expect } from 'chai'
import type { Event } from '../../services/contract/shop.ts'
import {
  newOrder,
  openPaymentInbox,
  type ParkedLetter,
  type PaymentInbox,
  rawOf,
} from '../faults/payment-inbox.ts'
import { until } from '../messaging/messages.ts'
import { shortWaitMs } from '../messaging/subjects.ts'
import { brokerVersion } from '../messaging/version.ts'
import { needsMongo } from '../storage/adapters.ts'
import { anEvent } from '../support/events.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { type Attempt, answerTo } from './attempts.ts'

const wait = `saga.wait.${shortWaitMs / 1_000}s`

// RabbitMQ 3 checks the rights for the routing key alone, and follows the keys in CC and BCC unchecked.
// RabbitMQ 4 checks those too.
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

  /** The code with which the broker refused it, or undefined when it took it. */
  const send = async (user: string, exchange: string, key: string, event: Event, headers: object) => {
    const connection = await connect(inbox.subject.urlOf(user))
    const publish: Attempt = async channel => {
      const { body, properties } = rawOf(event)
      channel.publish(exchange, key, body, { ...properties, persistent: true, headers: { ...headers } })
      await channel.waitForConfirms()
    }
    return answerTo(connection, publish).finally(() => connection.close())
  }
  const letter = async (): Promise<ParkedLetter | undefined> => {
    await until('a dead letter', async () => (await inbox.subject.ready('payment.dlq')) > 0, 20_000)
    return (await inbox.takeLetters())[0]
  }
  const refusal = () => {
    const orderId = newOrder()
    return { ...anEvent('shipment.refused'), subject: orderId, id: `${orderId}:shipping:1` } as Event
  }

  const endsHere = async (event: Event, answer: unknown) => {
    if ((await brokerVersion()).atLeast(4, 0)) expect(answer).to.equal(403)
    else expect((await letter())?.properties.headers?.['x-reason']).to.equal('event-forged')
    await until('the inbox is empty', async () => (await inbox.subject.ready('payment.inbox')) === 0)
    expect(await inbox.store.load(event.subject)).to.equal(undefined)
  }

  for (const header of ['CC', 'BCC'])
    it(`[I24] gets another's event by ${header} at most into the inbox, where it is parked as forged`, async () => {
      const event = refusal()
      await endsHere(
        event,
        await send('order', 'saga.events', 'order.placed', event, { [header]: ['shipment.refused'] }),
      )
    })

  it("[I24] [I34] gets another's event in a version that nobody knows yet at most into the inbox, where it never waits", async () => {
    const event = { ...refusal(), version: 99 } as Event
    const answer = await send('order', 'saga.events', 'order.placed', event, { CC: ['shipment.refused'] })
    if ((await brokerVersion()).atLeast(4, 0)) {
      expect(answer).to.equal(403)
      return
    }
    expect((await letter())?.properties.headers).to.include({ 'x-reason': 'event-forged', 'x-attempt': 0 })
    expect(inbox.deliveries).to.have.length(1)
  })

  it('[I24] gets it out of a wait at most into another inbox, where it is parked as forged', async () => {
    const event = refusal()
    await endsHere(event, await send('order', wait, 'order.inbox', event, { CC: ['payment.inbox'] }))
  })
})
