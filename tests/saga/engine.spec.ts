import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import { batchType, encode } from '../../shared/contract/envelope.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/broker.ts'
import type { Perform } from '../../shared/saga/define/service.ts'
import { until } from '../messaging/messages.ts'
import { shortWaitMs } from '../messaging/subjects.ts'
import { deferred } from '../support/deferred.ts'
import { eventAbout, newOrder } from '../support/events.ts'
import { type KernelSubject, kernelSubjects, maxAttempts } from './engine-subjects.ts'

const reserved = (orderId: OrderId) => eventAbout(orderId, 'inventory.reserved')
const refused = (orderId: OrderId) => eventAbout(orderId, 'shipment.refused')

const message = (...events: [Event, ...Event[]]): OutgoingMessage => ({
  ...encode(shop, events),
  exchange: 'saga.events',
  key: events[0].type,
  type: events[0].type,
  messageId: events[0].id,
})

/** To the inbox alone, as a replay does: by way of a wait queue, since no service may write to an inbox. */
const again = (event: Event, resend?: string): OutgoingMessage => ({
  ...message(event),
  exchange: `saga.wait.${shortWaitMs / 1_000}s`,
  key: 'payment.inbox',
  ...(resend !== undefined && { headers: { 'x-resend': resend } }),
})

for (const { name, prepare, open } of kernelSubjects)
  describe(`the kernel ${name}`, () => {
    prepare()
    let world: KernelSubject
    let charges: string[]
    const publishers = new Map<string, Publisher>()
    const approve: Perform = async (_, { subject: orderId }) => {
      charges.push(orderId)
      return { answer: { outcome: 'captured' } }
    }
    beforeEach(async () => {
      world = await open()
      charges = []
    })
    afterEach(async () => {
      for (const publisher of publishers.values()) await publisher.close(1_000)
      publishers.clear()
      await world.stop()
    })

    const publisherAs = (user: string): Publisher => {
      const known = publishers.get(user) ?? world.as(user).publisher()
      publishers.set(user, known)
      return known
    }
    const send = async (outgoing: OutgoingMessage) => {
      const owner = outgoing.key.startsWith('shipment') ? 'shipping' : 'inventory'
      await publisherAs(outgoing.exchange === 'saga.events' ? owner : 'payment').publish(outgoing)
    }
    const told = async () => (await world.peek('shipping.inbox')).map(({ messageId }) => messageId)
    const parked = () => world.peek('payment.dlq')
    const documentIs = (orderId: OrderId, status: string) =>
      until(`${orderId} is ${status}`, async () => (await world.store.load(orderId))?.state.status === status)

    it('[I11] applies an event once and tells the others, however often it comes', async () => {
      const order = newOrder()
      world.start(approve)
      for (let i = 0; i < 3; i++) await send(message(reserved(order)))
      await until('shipping is told', async () => (await told()).length > 0)
      await until('the inbox is empty', async () => (await world.ready('payment.inbox')) === 0)
      expect(charges).to.deep.equal([order])
      expect((await world.store.load(order))?.events.map(({ id }) => id)).to.deep.equal([
        `${order}:payment:1`,
      ])
    })

    it('[I14] sends the same ids again, and nothing else, when Redis has forgotten', async () => {
      const order = newOrder()
      const first = world.start(approve)
      await send(message(reserved(order)))
      await until('shipping is told', async () => (await told()).length === 1)
      // What is told is not noted in Redis yet: only an instance that has stopped notes nothing any more.
      await world.halt(first)
      await world.wipeCache()
      world.start(approve)
      await send(message(reserved(order)))
      await until('shipping is told again', async () => (await told()).length === 2)
      expect(await told()).to.deep.equal([`${order}:payment:1`, `${order}:payment:1`])
      expect(charges).to.have.length(1)
    })

    it('parks what cannot be read, byte for byte, with its reason and origin', async () => {
      world.start(approve)
      const body = '{"id": broken'
      await send({ ...message(reserved(newOrder())), body: Buffer.from(body) })
      await until('it is parked', async () => (await parked()).length === 1)
      const [letter] = await parked()
      expect(letter?.body).to.equal(body)
      expect(letter?.headers).to.include({
        'x-reason': 'body-unreadable',
        'x-origin-key': 'inventory.reserved',
      })
    })

    it('[I12] settles the neighbours of a broken event in the same envelope, and parks it alone', async () => {
      const [first, last] = [newOrder(), newOrder()]
      world.start(approve)
      const elements = [reserved(first), reserved(last)].map(event =>
        JSON.parse(encode(shop, [event]).body.toString()),
      )
      elements.splice(1, 0, { ...elements[0], id: `${first}:inventory:9`, type: 'inventory.eaten' })
      const body = Buffer.from(JSON.stringify(elements))
      await send({ ...message(reserved(first)), body, contentType: batchType })
      await documentIs(first, 'captured')
      await documentIs(last, 'captured')
      await until('it is parked', async () => (await parked()).length === 1)
      const [letter] = await parked()
      expect(letter?.headers['x-reason']).to.equal('event-unknown')
      expect(JSON.parse(letter?.body ?? '')).to.deep.equal(elements[1])
    })

    const inUnknownVersion = (event: Event): OutgoingMessage => {
      const element = JSON.parse(encode(shop, [event]).body.toString())
      const body = Buffer.from(JSON.stringify({ ...element, dataversion: 99, data: { nobody: 'knows' } }))
      return { ...message(event), body }
    }

    it('[I17] [I34] parks an event in a newer version only after its attempts, and nothing of it is on record', async () => {
      const order = newOrder()
      const sent = inUnknownVersion(reserved(order))
      world.start(approve)
      await send(sent)
      await until('it is parked', async () => (await parked()).length === 1)
      const [letter] = await parked()
      expect(letter?.headers).to.include({ 'x-reason': 'event-newer', 'x-attempt': maxAttempts })
      expect(letter?.headers).to.include({ 'x-origin-key': 'inventory.reserved' })
      expect(letter).to.include({ messageId: reserved(order).id, body: sent.body.toString() })
      expect(await world.store.load(order)).to.equal(undefined)
    })

    it('[I34] applies an event whose other copy waits for a newer release, and then only tells what it caused', async () => {
      const order = newOrder()
      world.start(approve)
      await send(inUnknownVersion(reserved(order)))
      await until('it is parked', async () => (await parked()).length === 1)
      await send(message(reserved(order)))
      await documentIs(order, 'captured')
      await until('shipping is told', async () => (await told()).length === 1)
      await send({ ...inUnknownVersion(reserved(order)), headers: { 'x-resend': 'nudge-1' } })
      await until('shipping is told again', async () => (await told()).length === 2)
      await send(inUnknownVersion(reserved(order)))
      await until('the inbox is empty', async () => (await world.ready('payment.inbox')) === 0)
      expect(charges).to.deep.equal([order])
      expect(await parked()).to.have.length(1)
    })

    it('[I13] keeps a dead event dead, in whatever version it comes', async () => {
      const order = newOrder()
      world.start(approve, { isBroken: () => true })
      await send(message(reserved(order)))
      await until('it is parked', async () => (await parked()).length === 1)
      await send(inUnknownVersion(reserved(order)))
      await until('it is parked again', async () => (await parked()).length === 2)
      const attempts = (await parked()).map(({ headers }) => [headers['x-reason'], headers['x-attempt']])
      expect(attempts).to.deep.equal([
        ['TypeError', maxAttempts],
        ['TypeError', 0],
      ])
    })

    it('[I16] holds an event in a newer version while the store is away: it may be a known one', async () => {
      const order = newOrder()
      let down = true
      const engine = world.start(approve, { isStoreDown: () => down })
      await send(inUnknownVersion(reserved(order)))
      await until('it pauses', () => engine.state().paused)
      expect(await parked()).to.deep.equal([])
      down = false
      await until('it is parked', async () => (await parked()).length === 1)
      expect((await parked())[0]?.headers).to.include({ 'x-attempt': maxAttempts })
    })

    it('tries a failing event again as often as it may, parks it, and lets its neighbours through', async () => {
      const [bad, good] = [newOrder(), newOrder()]
      let tries = 0
      const isBroken = ({ subject: orderId }: Event) => {
        if (orderId === bad) tries += 1
        return orderId === bad
      }
      world.start(approve, { isBroken })
      await send(message(reserved(bad), reserved(good)))
      await documentIs(good, 'captured')
      await until('it is parked', async () => (await parked()).length === 1)
      const [letter] = await parked()
      expect(tries).to.equal(maxAttempts)
      expect(letter?.messageId).to.equal(`${bad}:inventory:1`)
      expect(letter?.headers).to.include({ 'x-reason': 'TypeError', 'x-attempt': maxAttempts })
      expect((await world.store.load(bad))?.inbox[`${bad}:inventory:1`]?.outcome).to.equal('dead')
    })

    it('[I13] keeps a dead event dead until a re-send that it has not seen, and then applies it once', async () => {
      const order = newOrder()
      let broken = true
      world.start(approve, { isBroken: () => broken })
      await send(message(reserved(order)))
      await until('it is parked', async () => (await parked()).length === 1)
      broken = false
      await send(again(reserved(order)))
      await until('it is parked again', async () => (await parked()).length === 2)
      expect(charges).to.deep.equal([])
      await send(again(reserved(order), 'replay-1'))
      await documentIs(order, 'captured')
      await send(again(reserved(order), 'replay-2'))
      await until('its event is sent again', async () => (await told()).length === 2)
      expect(charges).to.deep.equal([order])
      expect(await parked()).to.have.length(2)
    })

    it('takes up again what a cut connection left unfinished', async () => {
      const order = newOrder()
      const gate = deferred()
      world.start(async (...call) => {
        await gate.promise
        return approve(...call)
      })
      await send(message(reserved(order)))
      await until('the call is on record', async () => (await world.store.load(order))?.intent !== undefined)
      await world.cut('payment')
      gate.resolve()
      await documentIs(order, 'captured')
      await until('shipping is told', async () => (await told()).length > 0)
      expect(new Set(await told())).to.deep.equal(new Set([`${order}:payment:1`]))
    })

    it('[I15] lets other orders pass a slow call, and finishes it without its message', async () => {
      const [slow, quick] = [newOrder(), newOrder()]
      const gate = deferred()
      world.start(async (call, context) => {
        if (context.subject === slow) await gate.promise
        return approve(call, context)
      })
      await send(message(reserved(slow)))
      await until('it is detached', async () => (await world.store.load(slow))?.intent?.due !== undefined)
      await send(message(reserved(quick)))
      await documentIs(quick, 'captured')
      await send(message(refused(slow)))
      gate.resolve()
      await until('the refusal is answered with a refund', async () => {
        const document = await world.store.load(slow)
        return document?.state.status === 'closed' && document.unsent.length === 0
      })
      expect((await world.store.load(slow))?.events.map(({ type }) => type)).to.deep.equal([
        'payment.captured',
        'payment.refunded',
      ])
    })

    it('[I16] pauses while the store is away, and loses and parks nothing', async () => {
      const orders = [newOrder(), newOrder(), newOrder()]
      let down = true
      const engine = world.start(approve, { isStoreDown: () => down })
      for (const order of orders) await send(message(reserved(order)))
      await until('it pauses', () => engine.state().paused)
      down = false
      for (const order of orders) await documentIs(order, 'captured')
      expect(await parked()).to.deep.equal([])
      expect(charges.sort()).to.deep.equal([...orders].sort())
    })

    it('[I18] finishes what it took when it stops, and takes nothing new', async () => {
      const [begun, later] = [newOrder(), newOrder()]
      const gate = deferred()
      const engine = world.start(async (...call) => {
        await gate.promise
        return approve(...call)
      })
      await send(message(reserved(begun)))
      await until('the call is on record', async () => (await world.store.load(begun))?.intent !== undefined)
      const stopping = world.halt(engine)
      await send(message(reserved(later)))
      gate.resolve()
      await stopping
      await documentIs(begun, 'captured')
      expect((await world.store.load(begun))?.unsent).to.deep.equal([])
      expect(await world.ready('payment.inbox')).to.equal(1)
      expect(await world.store.load(later)).to.equal(undefined)
    })

    it('shares the work between two instances, and does it once', async () => {
      const orders = Array.from({ length: 30 }, newOrder)
      world.start(approve)
      world.start(approve)
      for (const order of orders) await send(message(reserved(order)))
      for (const order of orders) await send(message(refused(order)))
      for (const order of orders) await documentIs(order, 'closed')
      for (const order of orders) {
        const types = (await world.store.load(order))?.events.map(({ type }) => type)
        expect(types).to.be.deep.oneOf([['payment.captured', 'payment.refunded'], ['payment.voided']])
      }
    })
  })
