import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import type { Event } from '../../../services/contract/shop.ts'
import { browse } from '../../../shared/operations/dead-letters/browse.ts'
import { replay } from '../../../shared/operations/dead-letters/replay.ts'
import type { Operations } from '../../../shared/operations/operations.ts'
import { outcomeOf, until } from '../../messaging/messages.ts'
import { deferred } from '../../support/deferred.ts'
import { readJournal } from '../journal.ts'
import { eventOf, messageOf, newOrder } from '../world.ts'
import { paymentWithLetters } from './dead-letters.ts'

describe('dead letters that are sent again', function () {
  this.timeout(60_000)
  const here = paymentWithLetters()
  const { start, reserved, dead, deadIs, lying, deadLetters, idsInQueue, captured, given, broken } = here

  it('settle their orders by a replay once the cause is fixed, and a second replay changes nothing', async () => {
    start()
    const [order] = (await given(1)) as [OrderId]
    broken.clear()
    const report = await replay(here.world.operations, 'payment')
    expect(report.deadLetters.map(({ did }) => did)).to.deep.equal(['replayed'])
    await captured(order)
    expect(await dead()).to.equal(0)
    const again = await replay(here.world.operations, 'payment')
    expect([again.found, again.deadLetters.length]).to.deep.equal([0, 0])
    expect(here.charges).to.deep.equal([order])
  })

  it('go to the inbox as they were, without their failures, under a re-send id of their own', async () => {
    const engine = start()
    const [order] = (await given(1)) as [OrderId]
    await here.world.halt(engine)
    const [before] = await deadLetters()
    const { run } = await replay(here.world.operations, 'payment')
    const [sent] = await lying('payment.inbox')
    expect(sent?.body).to.equal(before?.body)
    expect(sent?.headers).to.deep.equal({
      'x-resend': `${run}.1`,
      'x-origin-key': 'inventory.reserved',
      'x-first-failed-at': before?.headers['x-first-failed-at'],
    })
    const [journaled] = (await readJournal(here.world.urlOf('operator'))).filter(
      ({ key }) => key === 'payment.repaired',
    )
    expect(JSON.parse(journaled?.body ?? '')).to.deep.include({
      ...{ type: 'payment.repaired', subject: order, causationid: `${order}:inventory:1` },
      data: { what: 'replayed', count: 1 },
    })
  })

  it('that fail again are not chased: each is sent once', async () => {
    start()
    const orders = await given(3)
    const report = await replay(here.world.operations, 'payment')
    expect(report.deadLetters).to.have.length(3)
    await deadIs(3)
    expect(new Set(await idsInQueue())).to.deep.equal(new Set(orders.map(order => `${order}:inventory:1`)))
    expect(await here.world.ready('payment.inbox')).to.equal(0)
  })

  it('of which only some are meant: the others keep their order and content', async () => {
    start()
    const orders = await given(5)
    const before = await deadLetters()
    broken.clear()
    await replay(here.world.operations, 'payment', { subject: orders[2] as string })
    expect(await deadLetters()).to.deep.equal(before.filter((_, i) => i !== 2))
    await replay(here.world.operations, 'payment', {}, { limit: 2 })
    expect(await idsInQueue()).to.deep.equal([3, 4].map(i => `${orders[i]}:inventory:1`))
  })

  it('that cannot be decoded are refused, unless they are forced', async () => {
    start()
    await here.world.publish({ ...reserved(newOrder()), body: Buffer.from('{"id": broken') })
    await deadIs(1)
    const refused = await replay(here.world.operations, 'payment')
    expect(refused.deadLetters).to.deep.include.members([{ ...refused.deadLetters[0], did: 'refused' }])
    expect(await dead()).to.equal(1)
    const forced = await replay(here.world.operations, 'payment', {}, { force: true })
    expect(forced.deadLetters.map(({ did }) => did)).to.deep.equal(['replayed'])
    await until('it is back', async () => (await deadLetters())[0]?.headers['x-reason'] !== undefined)
    expect((await deadLetters())[0]?.body).to.equal('{"id": broken')
  })

  it('[I24] that their owner did not send are refused, forced or not: a replay would make them look genuine', async () => {
    start()
    const order = newOrder()
    await here.world.publish({
      ...messageOf(eventOf('shipment.refused', order, 'shipping')),
      key: 'inventory.reserved',
    })
    await deadIs(1)
    for (const options of [{}, { force: true }, { dryRun: true }]) {
      const [refused] = (await replay(here.world.operations, 'payment', {}, options)).deadLetters
      expect(refused).to.include({ did: 'refused', reason: 'event-forged' })
    }
    expect(await dead()).to.equal(1)
    expect(await here.world.store.load(order)).to.equal(undefined)
  })

  it('[I34] that only a newer release can read name their event and order, and are left to a command line that can read them', async () => {
    start()
    const order = newOrder()
    const event = { ...eventOf('inventory.reserved', order), version: 99 } as Event
    await here.world.publish(messageOf(event))
    await deadIs(1)
    const [deadLetter] = await browse(here.world.operations, 'payment', { subject: order })
    expect(deadLetter).to.deep.include({
      ...{ messageId: event.id, subject: order, type: 'inventory.reserved', attempts: 3 },
      ...{ reason: 'event-newer', poison: 'event-newer', events: [] },
    })
    const [left] = (await replay(here.world.operations, 'payment')).deadLetters
    expect(left).to.include({ did: 'refused', reason: 'event-newer' })
    expect(await dead()).to.equal(1)
  })

  it('[I24] [I34] in a newer version that their owner did not send are refused as well, forced or not', async () => {
    start()
    const event = { ...eventOf('shipment.refused', newOrder(), 'shipping'), version: 99 } as Event
    await here.world.publish({ ...messageOf(event), key: 'inventory.reserved' })
    await deadIs(1)
    const [refused] = (await replay(here.world.operations, 'payment', {}, { force: true })).deadLetters
    expect(refused).to.include({ did: 'refused', reason: 'event-forged' })
    expect(await dead()).to.equal(1)
  })

  it('are neither lost nor applied twice when the replay is killed between its publish and its acknowledgement', async () => {
    start()
    const [order] = (await given(1)) as [OrderId]
    broken.clear()
    const killed: Operations = {
      ...here.world.operations,
      publisher: () => {
        const real = here.world.operations.publisher()
        const publish: typeof real.publish = async outgoing => {
          await real.publish(outgoing)
          if (outgoing.exchange === '') await cutOperator()
        }
        return { ...real, publish, close: ms => real.close(ms), connected: true }
      },
    }
    const cutOperator = async () => {
      await until('the connections are listed', async () => {
        await here.world.cut('operator')
        return (await dead()) === 1
      })
    }
    await outcomeOf(replay(killed, 'payment'))
    await captured(order)
    expect(await dead()).to.equal(1)
    const forecasts = await replay(here.world.operations, 'payment', {}, { dryRun: true })
    expect(forecasts.deadLetters[0]).to.have.nested.property('forecasts[0].does', 'resends')
    await replay(here.world.operations, 'payment')
    expect(await dead()).to.equal(0)
    await until('its event is sent again', async () => (await here.world.ready('shipping.inbox')) === 2)
    expect(here.charges).to.deep.equal([order])
  })

  it('take one replay at a time: a second one is refused by its code', async () => {
    start()
    await given(2)
    const [begun, gate] = [deferred(), deferred()]
    const slow: Operations = {
      ...here.world.operations,
      publisher: () => {
        const real = here.world.operations.publisher()
        const publish: typeof real.publish = async outgoing => {
          begun.resolve()
          await gate.promise
          return real.publish(outgoing)
        }
        return { ...real, publish, connected: true }
      },
    }
    const first = replay(slow, 'payment')
    await begun.promise
    expect(await outcomeOf(replay(here.world.operations, 'payment'))).to.equal('replay-running')
    gate.resolve()
    expect((await first).deadLetters).to.have.length(2)
    expect(await outcomeOf(replay(here.world.operations, 'payment'))).to.equal('resolved')
  })

  it('that the broker parked after a crash loop go back without its marks, which would make it drop them', async () => {
    const order = newOrder()
    const reader = here.world.as('operator').consumer({
      ...{ queue: 'payment.inbox', prefetch: 1 },
      onDelivery: delivery => delivery.requeue(),
    })
    await here.world.publish(reserved(order))
    await until('the broker parks it', async () => (await dead()) === 1, 30_000)
    await reader.close()
    const [deadLetter] = await browse(here.world.operations, 'payment')
    expect(deadLetter).to.include({
      reason: 'delivery-limit',
      subject: order,
      originKey: 'inventory.reserved',
    })
    expect((await deadLetters())[0]?.headers).to.have.property('x-death')
    await replay(here.world.operations, 'payment')
    const [sent] = await lying('payment.inbox')
    expect(Object.keys(sent?.headers ?? {})).to.have.members(['x-resend', 'x-origin-key'])
    start()
    await captured(order)
  })

  it('are sent no faster than was asked for, and no further than was wanted', async () => {
    start()
    await given(4)
    const pauses: number[] = []
    const now = () => here.world.operations.clock.now()
    const after = (ms: number, task: () => void) => {
      pauses.push(ms)
      return here.world.operations.clock.after(0, task)
    }
    const { defer, monotonic } = here.world.operations.clock
    const paced = { ...here.world.operations, clock: { now, monotonic, after, defer } }
    const enough = new AbortController()
    let count = 0
    const onLetter = () => {
      count += 1
      if (count === 2) enough.abort()
    }
    const report = await replay(paced, 'payment', {}, { rate: 10, signal: enough.signal, onLetter })
    expect(report).to.include({ found: 4, stopped: 'aborted' })
    expect(report.deadLetters).to.have.length(2)
    expect(pauses).to.deep.equal([100])
  })
})
