import { expect } from 'chai'
import { type Event, shop } from '../../services/contract/shop.ts'
import { batchType, encode } from '../../shared/contract/envelope.ts'
import { until } from '../messaging/messages.ts'
import { needsMongo } from '../storage/adapters.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { openPaymentInbox, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'

const delays = [200, 400, 800]
const maxAttempts = 5

describe('a handler that keeps failing', function () {
  this.timeout(60_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox

  beforeEach(async () => {
    inbox = await openPaymentInbox(delays)
  })
  afterEach(async () => {
    await inbox.close()
  })

  const letterCame = () =>
    until('a dead letter', async () => (await inbox.subject.ready('payment.dlq')) === 1, 30_000)
  const deliveriesOf = (event: Event) => inbox.deliveries.filter(({ messageId }) => messageId === event.id)
  const isCharged = (event: Event) =>
    until('it is charged', async () => (await inbox.statusOf(event.subject)) === 'captured')

  it('[I22] is tried again on each rung of the retry policy, says so in the headers, and is parked after the last', async () => {
    const event = reserved()
    inbox.start({ isBroken: () => true, ladder: { delays, maxAttempts } })
    await inbox.send(rawOf(event))
    await letterCame()
    const tries = deliveriesOf(event)
    const failedAt = tries[1]?.headers['x-first-failed-at'] ?? ''
    expect(Date.parse(failedAt)).to.be.closeTo(Date.now(), 30_000)
    const usual = {
      'x-first-failed-at': failedAt,
      'x-reason': 'TypeError',
      'x-error': 'a programming error',
      'x-error-at': tries[1]?.headers['x-error-at'],
      'x-origin-key': 'inventory.reserved',
    }
    expect(usual['x-error-at']).to.match(/^tests\/saga\/engine-subjects\.ts:\d+$/)
    expect(tries.map(({ key, headers }) => [key, headers])).to.deep.equal([
      ['inventory.reserved', {}],
      ...[1, 2, 3, 4].map(attempt => ['payment.inbox', { 'x-attempt': attempt, ...usual }]),
    ])
    expect(waitsIn(inbox.lines)).to.deep.equal([200, 400, 800, 800])
    const [letter] = await inbox.takeLetters()
    expect(letter?.properties.headers).to.include({ ...usual, 'x-attempt': maxAttempts })
    expect(letter?.body.equals(encode(shop, [event]).body)).to.equal(true)
    expect((await inbox.store.load(event.subject))?.inbox[event.id]).to.include({ outcome: 'dead' })
  })

  it('[I22] keeps the re-send id on the way, and stops climbing once it works', async () => {
    const event = reserved()
    let failures = 2
    inbox.start({ isBroken: () => failures-- > 0, ladder: { delays, maxAttempts } })
    await inbox.send(rawOf(event, { headers: { 'x-resend': 'again-1' } }))
    await isCharged(event)
    expect(deliveriesOf(event).map(({ headers }) => headers['x-resend'])).to.deep.equal(
      Array(3).fill('again-1'),
    )
    expect(waitsIn(inbox.lines)).to.deep.equal([200, 400])
    expect(await inbox.takeLetters()).to.deep.equal([])
  })

  it('[I12] lets only the failing event of an envelope wait, and its neighbours not once', async () => {
    const [bad, ...good] = Array.from({ length: 6 }, () => reserved()) as [Event, ...Event[]]
    inbox.start({ isBroken: ({ id }) => id === bad.id, ladder: { delays, maxAttempts: 3 } })
    const [first, ...rest] = good as [Event, ...Event[]]
    const { body } = encode(shop, [first, ...rest.slice(0, 2), bad, ...rest.slice(2)])
    await inbox.send({ ...rawOf(first, { contentType: batchType }), body })
    for (const event of good) await isCharged(event)
    await letterCame()
    expect(deliveriesOf(bad)).to.have.length(2)
    expect(deliveriesOf(first)).to.have.length(1)
    expect(inbox.deliveries).to.have.length(3)
    expect(await inbox.statusOf(bad.subject)).to.equal('none')
    expect((await inbox.takeLetters()).map(({ properties }) => properties.messageId)).to.deep.equal([bad.id])
    expect(inbox.charges).to.have.members(good.map(({ subject: orderId }) => orderId))
  })

  it('[I34] climbs alone as it came when its version is newer than what is known here, and nothing of it is on record', async () => {
    const [newer, ...good] = Array.from({ length: 4 }, () => reserved()) as [Event, ...Event[]]
    inbox.start({ ladder: { delays, maxAttempts } })
    const elements = good.map(event => JSON.parse(encode(shop, [event]).body.toString()))
    const unread = {
      ...JSON.parse(encode(shop, [newer]).body.toString()),
      dataversion: 99,
      data: { weight: 'unread' },
    }
    elements.splice(1, 0, unread)
    const [first] = good as [Event]
    const body = Buffer.from(JSON.stringify(elements))
    const { correlationId: _, ...properties } = rawOf(first, { contentType: batchType }).properties
    await inbox.send({ body, properties })
    for (const event of good) await isCharged(event)
    await letterCame()
    const tries = deliveriesOf(newer)
    expect(tries.map(({ headers }) => headers['x-attempt'])).to.deep.equal([1, 2, 3, 4])
    for (const one of tries) {
      expect(JSON.parse(one.body.toString())).to.deep.equal(unread)
      const { key, type, correlationId, headers } = one
      expect({ key, type, correlationId }).to.deep.equal({
        ...{ key: 'payment.inbox', type: 'inventory.reserved', correlationId: newer.subject },
      })
      expect(headers).to.include({ 'x-reason': 'event-newer', 'x-origin-key': 'inventory.reserved' })
    }
    expect(waitsIn(inbox.lines)).to.deep.equal([200, 400, 800, 800])
    const [letter] = await inbox.takeLetters()
    expect(letter?.properties).to.include({ messageId: newer.id, correlationId: newer.subject })
    expect(letter?.properties.headers).to.include({ 'x-reason': 'event-newer', 'x-attempt': maxAttempts })
    expect(JSON.parse(letter?.body.toString() ?? '')).to.deep.equal(unread)
    expect(await inbox.store.load(newer.subject)).to.equal(undefined)
  })

  it('[I34] lets an event that was lifted and then fails wait in the version that it came in', async () => {
    const event = reserved()
    const elements = [event, reserved()].map(one => ({
      ...JSON.parse(encode(shop, [one]).body.toString()),
      later: 'an extension that nobody here knows',
    }))
    inbox.start({ isBroken: ({ id }) => id === event.id, ladder: { delays, maxAttempts: 2 } })
    const body = Buffer.from(JSON.stringify(elements))
    await inbox.send({ ...rawOf(event, { contentType: batchType }), body })
    await letterCame()
    const [letter] = await inbox.takeLetters()
    expect(JSON.parse(letter?.body.toString() ?? '')).to.deep.equal(elements[0])
  })

  /** The waits (ms) that the log tells of, in order. */
  const waitsIn = (lines: readonly string[]): number[] =>
    lines.flatMap(line => {
      const found = /^waits for another attempt .*"retryInMs":(\d+)/.exec(line)
      return found ? [Number(found[1])] : []
    })
})
