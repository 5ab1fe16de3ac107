import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import { batchType, encode } from '../../shared/contract/envelope.ts'
import type { Engine } from '../../shared/saga/engine.ts'
import { outcomeOf, until, withoutCounts } from '../messaging/messages.ts'
import { needsMongo } from '../storage/adapters.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { openPaymentInbox, type ParkedLetter, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'
import { poisons } from './poison.ts'
import { largestBody } from './poison-bodies.ts'
import type { Poison } from './poison-parts.ts'

const travelling = ['x-attempt', 'x-first-failed-at', 'x-reason', 'x-origin-key']

describe('an inbox that gets poison', function () {
  this.timeout(60_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox
  let engine: Engine<unknown>
  const prototypeBefore = Object.getOwnPropertyNames(Object.prototype)

  before(async () => {
    inbox = await openPaymentInbox()
    engine = inbox.start() as Engine<unknown>
  })
  after(async () => {
    await inbox?.close()
  })

  const isCharged = (order: OrderId) =>
    until(`${order} is charged`, async () => (await inbox.statusOf(order)) === 'captured', 20_000)

  /**
   * Sends it between two good neighbours, and resolves with what the dead letters got once all is settled.
   */
  const lettersOf = async (poison: Poison): Promise<ParkedLetter[]> => {
    const [first, last] = [reserved(), reserved()]
    const raw = poison.raw()
    await Promise.all([rawOf(first), raw, rawOf(last)].map(inbox.send))
    for (const { subject: orderId } of [first, last]) await isCharged(orderId)
    const letters: ParkedLetter[] = []
    if (poison.parked) {
      const arrived = async () => letters.push(...(await inbox.takeLetters())) > 0
      await until('a dead letter', arrived, 20_000)
    }
    await until('the inbox is empty', async () => (await inbox.subject.ready('payment.inbox')) === 0)
    return [...letters, ...(await inbox.takeLetters())]
  }

  for (const poison of poisons.filter(({ parked }) => parked))
    it(`[I12] parks ${poison.name} once, as it came, and settles its neighbours`, async () => {
      const raw = poison.raw()
      const letters = await lettersOf({ ...poison, raw: () => raw })
      expect(letters).to.have.length(1)
      const [letter] = letters
      const { parked, raw: _ } = poison
      const expected = parked?.body?.(raw.body) ?? raw.body
      expect(letter?.body.equals(expected), 'the same bytes').to.equal(true)
      expect(letter?.key).to.equal('payment')
      const { headers, messageId } = letter?.properties ?? {}
      expect(headers?.['x-reason']).to.equal(parked?.reason)
      const { 'x-error': error = '', ...others } = withoutCounts(headers) as Record<string, string>
      expect(Object.keys(others)).to.have.members(travelling)
      if (error === '') expect(parked?.reason).to.equal('event-forged')
      expect(Buffer.byteLength(error)).to.be.at.most(255)
      expect(headers?.['x-origin-key']).to.equal('inventory.reserved')
      if (parked?.id) expect(messageId).to.equal(parked.id)
    })

  for (const poison of poisons.filter(({ parked }) => !parked))
    it(`[I11] applies an event that comes with ${poison.name}, for its body is good`, async () => {
      const raw = poison.raw()
      expect(await lettersOf({ ...poison, raw: () => raw })).to.deep.equal([])
      const { subject: order } = JSON.parse(raw.body.toString()) as { subject: OrderId }
      await isCharged(order)
    })

  it('[I11] applies the first of two bodies under one id, in one envelope or two, and no other', async () => {
    const event = reserved() as Event & { data: { total: number } }
    const other = { ...event, data: { ...event.data, total: 9 } } as Event
    const { body } = encode(shop, [event, other])
    await inbox.send({ ...rawOf(event, { contentType: batchType }), body })
    await inbox.send(rawOf(other))
    await isCharged(event.subject)
    await until('the inbox is empty', async () => (await inbox.subject.ready('payment.inbox')) === 0)
    expect((await inbox.store.load(event.subject))?.state).to.deep.equal({
      status: 'captured',
      amount: event.data.total,
    })
    expect((await inbox.store.load(event.subject))?.inbox[event.id]?.outcome).to.equal('applied')
    expect(inbox.charges.filter(order => order === event.subject)).to.have.length(1)
  })

  it('is spared a body above the limit of the broker, which says so to its sender', async () => {
    const publisher = inbox.subject.as('operator').publisher()
    const huge = { ...reservedMessage(), body: Buffer.alloc(largestBody + 1, 'x') }
    expect(await outcomeOf(publisher.publish(huge))).to.equal('publish-unconfirmed')
    await publisher.close(1_000)
    expect(await inbox.subject.ready('payment.inbox')).to.equal(0)
  })

  const reservedMessage = () => {
    const event = reserved()
    return {
      ...encode(shop, [event]),
      ...{ exchange: 'saga.events', key: event.type, type: event.type, messageId: event.id },
    }
  }

  it('[I17] has settled everything in the end: nothing waits, nothing went round, no prototype grew', async () => {
    await inbox.halt(engine as Engine<never>)
    expect(await inbox.subject.ready('payment.inbox')).to.equal(0)
    expect(await inbox.takeLetters()).to.deep.equal([])
    expect(Object.getOwnPropertyNames(Object.prototype)).to.deep.equal(prototypeBefore)
    const rounds = new Map<string, number>()
    for (const { body, messageId } of inbox.deliveries) {
      const key = `${messageId} ${body.toString('latin1')}`
      rounds.set(key, (rounds.get(key) ?? 0) + 1)
    }
    expect(Math.max(...rounds.values())).to.be.below(4)
    expect(inbox.lines.filter(line => /pauses|is held|not taken/.test(line))).to.deep.equal([])
  })
})
