import { expect } from 'chai'
import type { OrderId } from '../../shared/contract/ids.ts'
import type { Event } from '../../shared/contract/registry.ts'
import type { Outgoing } from '../../shared/messaging/broker.ts'
import { browse, purge } from '../../shared/operations/dead-letters.ts'
import { group } from '../../shared/operations/letter-filter.ts'
import type { Operations } from '../../shared/operations/operations.ts'
import { replay } from '../../shared/operations/replay.ts'
import type { Perform } from '../../shared/saga/service.ts'
import { outcomeOf, until } from '../broker/messages.ts'
import { deferred } from '../given/deferred.ts'
import { readJournal } from './journal.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from './world.ts'

describe('dead letters', function () {
  this.timeout(60_000)
  needsWorld()
  let world: OperatorWorld
  let charges: string[]
  const broken = new Set<string>()
  const approve: Perform = async (_, { orderId }) => {
    charges.push(orderId)
    return { answer: { outcome: 'captured' } }
  }
  beforeEach(async () => {
    world = await openWorld()
    charges = []
    broken.clear()
  })
  afterEach(() => world.close())

  const start = () => world.start(approve, { isBroken: ({ orderId }: Event) => broken.has(orderId) })
  const reserved = (order: OrderId) => messageOf(eventOf('inventory.reserved', order))
  const dead = () => world.ready('payment.dlq')
  const deadIs = (count: number) => until(`${count} dead letters`, async () => (await dead()) === count)
  /** What lies there, without the broker's own count of deliveries. */
  const lying = async (queue: string) =>
    (await world.peek(queue)).map(({ headers: { 'x-delivery-count': _, ...headers }, ...found }) => ({
      ...found,
      headers,
    }))
  const letters = () => lying('payment.dlq')
  const idsInQueue = async () => (await letters()).map(({ messageId }) => messageId)
  const captured = (order: OrderId) =>
    until(`${order} is captured`, async () => (await world.store.load(order))?.state.status === 'captured')

  /** Dead letters of a failing handler, in this order. */
  const given = async (count: number): Promise<OrderId[]> => {
    const orders = Array.from({ length: count }, newOrder)
    for (const order of orders) {
      broken.add(order)
      const before = await dead()
      await world.publish(reserved(order))
      await deadIs(before + 1)
    }
    return orders
  }

  /** An unknown type, an unreadable body, and an event that its handler fails at. */
  const givenOfEveryKind = async () => {
    const [unknown, failing] = [newOrder(), newOrder()]
    broken.add(failing)
    const event = JSON.parse(reserved(unknown).body.toString())
    const body = Buffer.from(JSON.stringify({ ...event, type: 'inventory.eaten' }))
    await world.publish({ ...reserved(unknown), body })
    await deadIs(1)
    await world.publish({ ...reserved(newOrder()), body: Buffer.from('{"paymentToken": "tok_approve"') })
    await deadIs(2)
    await world.publish(reserved(failing))
    await deadIs(3)
    return { unknown, failing }
  }

  it('are shown with their reasons, decoded, and grouped, and stay as they are', async () => {
    start()
    const { failing } = await givenOfEveryKind()
    const before = await letters()
    const shown = await browse(world.operations, 'payment')
    expect(shown.map(({ reason }) => reason)).to.deep.equal(['event-unknown', 'body-unreadable', 'TypeError'])
    expect(shown.map(({ poison }) => poison)).to.deep.equal(['event-unknown', 'body-unreadable', undefined])
    expect(shown[2]).to.include({ orderId: failing, type: 'inventory.reserved', attempts: 3 })
    expect(shown[2]?.firstFailedAt).to.be.within(Date.now() - 60_000, Date.now())
    expect(shown[2]?.events[0]?.data).to.deep.equal({
      lines: [{ sku: 'SKU-1', quantity: 2 }],
      total: 2_500,
    })
    expect(group(shown).map(({ reason, count }) => [reason, count])).to.have.deep.members([
      ['event-unknown', 1],
      ['body-unreadable', 1],
      ['TypeError', 1],
    ])
    expect(await letters()).to.deep.equal(before)
  })

  it('[I19] never show a payment token or an address, readable or not', async () => {
    start()
    await givenOfEveryKind()
    const shown = JSON.stringify([
      await browse(world.operations, 'payment'),
      await replay(world.operations, 'payment', {}, { dryRun: true }),
    ])
    expect(shown).to.include('inventory.reserved')
    expect(shown).to.not.match(/tok_approve|Main Street|Springfield|A\. Buyer/)
  })

  it('are found by order, message, type, reason and age', async () => {
    start()
    const [first, second] = await given(2)
    const found = async (filter: Parameters<typeof browse>[2]) =>
      (await browse(world.operations, 'payment', filter)).map(({ orderId }) => orderId)
    expect(await found({ orderId: second as string })).to.deep.equal([second])
    expect(await found({ messageId: `${first}:inventory:1` })).to.deep.equal([first])
    expect(await found({ type: 'shipment.refused' })).to.deep.equal([])
    expect(await found({ reason: 'TypeError' })).to.deep.equal([first, second])
    expect(await found({ olderThan: 3_600_000 })).to.deep.equal([])
    expect(await found({ newerThan: 3_600_000 })).to.deep.equal([first, second])
  })

  it('settle their orders by a replay once the cause is mended, and a second replay changes nothing', async () => {
    start()
    const [order] = (await given(1)) as [OrderId]
    broken.clear()
    const report = await replay(world.operations, 'payment')
    expect(report.letters.map(({ did }) => did)).to.deep.equal(['replayed'])
    await captured(order)
    expect(await dead()).to.equal(0)
    const again = await replay(world.operations, 'payment')
    expect([again.found, again.letters.length]).to.deep.equal([0, 0])
    expect(charges).to.deep.equal([order])
  })

  it('go to the inbox as they were, without their failures, under a re-send id of their own', async () => {
    const engine = start()
    const [order] = (await given(1)) as [OrderId]
    await world.halt(engine)
    const [before] = await letters()
    const { run } = await replay(world.operations, 'payment')
    const [sent] = await lying('payment.inbox')
    expect(sent?.body).to.equal(before?.body)
    expect(sent?.headers).to.deep.equal({
      'x-resend': `${run}.1`,
      'x-origin-key': 'inventory.reserved',
      'x-first-failed-at': before?.headers['x-first-failed-at'],
    })
    const [journaled] = (await readJournal(world.urlOf('operator'))).filter(
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
    const report = await replay(world.operations, 'payment')
    expect(report.letters).to.have.length(3)
    await deadIs(3)
    expect(new Set(await idsInQueue())).to.deep.equal(new Set(orders.map(order => `${order}:inventory:1`)))
    expect(await world.ready('payment.inbox')).to.equal(0)
  })

  it('of which only some are meant: the others keep their order and content', async () => {
    start()
    const orders = await given(5)
    const before = await letters()
    broken.clear()
    await replay(world.operations, 'payment', { orderId: orders[2] as string })
    expect(await letters()).to.deep.equal(before.filter((_, i) => i !== 2))
    await replay(world.operations, 'payment', {}, { limit: 2 })
    expect(await idsInQueue()).to.deep.equal([3, 4].map(i => `${orders[i]}:inventory:1`))
  })

  it('that cannot be decoded are refused, unless they are forced', async () => {
    start()
    await world.publish({ ...reserved(newOrder()), body: Buffer.from('{"id": broken') })
    await deadIs(1)
    const refused = await replay(world.operations, 'payment')
    expect(refused.letters).to.deep.include.members([{ ...refused.letters[0], did: 'refused' }])
    expect(await dead()).to.equal(1)
    const forced = await replay(world.operations, 'payment', {}, { force: true })
    expect(forced.letters.map(({ did }) => did)).to.deep.equal(['replayed'])
    await until('it is back', async () => (await letters())[0]?.headers['x-reason'] !== undefined)
    expect((await letters())[0]?.body).to.equal('{"id": broken')
  })

  it('[I24] that their owner did not send are refused, forced or not: a replay would make them look genuine', async () => {
    start()
    const order = newOrder()
    await world.publish({
      ...messageOf(eventOf('shipment.refused', order, 'shipping')),
      key: 'inventory.reserved',
    })
    await deadIs(1)
    for (const options of [{}, { force: true }, { dryRun: true }]) {
      const [refused] = (await replay(world.operations, 'payment', {}, options)).letters
      expect(refused).to.include({ did: 'refused', reason: 'event-forged' })
    }
    expect(await dead()).to.equal(1)
    expect(await world.store.load(order)).to.equal(undefined)
  })

  it('[I27] that only a newer release can read name their event and order, and are left to a command line that can read them', async () => {
    start()
    const order = newOrder()
    const event = { ...eventOf('inventory.reserved', order), version: 99 } as Event
    await world.publish(messageOf(event))
    await deadIs(1)
    const [letter] = await browse(world.operations, 'payment', { orderId: order })
    expect(letter).to.deep.include({
      ...{ messageId: event.id, orderId: order, type: 'inventory.reserved', attempts: 3 },
      ...{ reason: 'event-newer', poison: 'event-newer', events: [] },
    })
    const [left] = (await replay(world.operations, 'payment')).letters
    expect(left).to.include({ did: 'refused', reason: 'event-newer' })
    expect(await dead()).to.equal(1)
  })

  it('[I24] [I27] in a newer version that their owner did not send are refused as well, forced or not', async () => {
    start()
    const event = { ...eventOf('shipment.refused', newOrder(), 'shipping'), version: 99 } as Event
    await world.publish({ ...messageOf(event), key: 'inventory.reserved' })
    await deadIs(1)
    const [refused] = (await replay(world.operations, 'payment', {}, { force: true })).letters
    expect(refused).to.include({ did: 'refused', reason: 'event-forged' })
    expect(await dead()).to.equal(1)
  })

  it('are neither lost nor applied twice when the replay is killed between its publish and its acknowledgement', async () => {
    start()
    const [order] = (await given(1)) as [OrderId]
    broken.clear()
    const killed: Operations = {
      ...world.operations,
      publisher: () => {
        const real = world.operations.publisher()
        const publish: typeof real.publish = async outgoing => {
          await real.publish(outgoing)
          if (outgoing.exchange === '') await cutOperator()
        }
        return { ...real, publish, close: ms => real.close(ms), connected: true }
      },
    }
    const cutOperator = async () => {
      await until('the connections are listed', async () => {
        await world.cut('operator')
        return (await dead()) === 1
      })
    }
    await outcomeOf(replay(killed, 'payment'))
    await captured(order)
    expect(await dead()).to.equal(1)
    const forecasts = await replay(world.operations, 'payment', {}, { dryRun: true })
    expect(forecasts.letters[0]).to.have.nested.property('forecasts[0].does', 'resends')
    await replay(world.operations, 'payment')
    expect(await dead()).to.equal(0)
    await until('its event is sent again', async () => (await world.ready('shipping.inbox')) === 2)
    expect(charges).to.deep.equal([order])
  })

  it('take one replay at a time: a second one is refused by its code', async () => {
    start()
    await given(2)
    const [begun, gate] = [deferred(), deferred()]
    const slow: Operations = {
      ...world.operations,
      publisher: () => {
        const real = world.operations.publisher()
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
    expect(await outcomeOf(replay(world.operations, 'payment'))).to.equal('replay-running')
    gate.resolve()
    expect((await first).letters).to.have.length(2)
    expect(await outcomeOf(replay(world.operations, 'payment'))).to.equal('resolved')
  })

  it('that the broker parked after a crash loop go back without its marks, which would make it drop them', async () => {
    const order = newOrder()
    const reader = world.as('operator').consumer({
      ...{ queue: 'payment.inbox', prefetch: 1 },
      onDelivery: delivery => delivery.requeue(),
    })
    await world.publish(reserved(order))
    await until('the broker parks it', async () => (await dead()) === 1, 30_000)
    await reader.close()
    const [letter] = await browse(world.operations, 'payment')
    expect(letter).to.include({ reason: 'delivery-limit', orderId: order, originKey: 'inventory.reserved' })
    expect((await letters())[0]?.headers).to.have.property('x-death')
    await replay(world.operations, 'payment')
    const [sent] = await lying('payment.inbox')
    expect(Object.keys(sent?.headers ?? {})).to.have.members(['x-resend', 'x-origin-key'])
    start()
    await captured(order)
  })

  it('are sent no faster than was asked for, and no further than was wanted', async () => {
    start()
    await given(4)
    const pauses: number[] = []
    const now = () => world.operations.clock.now()
    const after = (ms: number, task: () => void) => {
      pauses.push(ms)
      return world.operations.clock.after(0, task)
    }
    const paced = { ...world.operations, clock: { now, after } }
    const enough = new AbortController()
    let count = 0
    const onLetter = () => {
      count += 1
      if (count === 2) enough.abort()
    }
    const report = await replay(paced, 'payment', {}, { rate: 10, signal: enough.signal, onLetter })
    expect(report).to.include({ found: 4, stopped: 'aborted' })
    expect(report.letters).to.have.length(2)
    expect(pauses).to.deep.equal([100])
  })

  it('are deleted only as far as they are meant, and what was deleted is said', async () => {
    start()
    const [first, second] = (await given(2)) as [OrderId, OrderId]
    expect(await purge(world.operations, 'payment', { olderThan: 3_600_000 })).to.deep.equal([])
    const purged = await purge(world.operations, 'payment', { orderId: first })
    expect(purged.map(({ orderId }) => orderId)).to.deep.equal([first])
    expect(await idsInQueue()).to.deep.equal([`${second}:inventory:1`])
  })

  const givenMany = (count: number, change: (i: number) => Partial<Outgoing> = () => ({})) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        world.publish({
          ...reserved(newOrder()),
          ...{ exchange: 'saga.dlx', key: 'payment', messageId: `m${i}` },
          ...change(i),
        }),
      ),
    )

  it('are gone for good when many are deleted at once', async () => {
    await givenMany(1_000)
    expect(await purge(world.operations, 'payment', {})).to.have.length(1_000)
    expect(await browse(world.operations, 'payment')).to.deep.equal([])
  })

  it('are gone for good when many are deleted between others that stay', async () => {
    const types = ['inventory.reserved', 'shipment.refused']
    await givenMany(1_000, i => ({ type: types[i % 2] ?? '', body: Buffer.from('none') }))
    expect(await purge(world.operations, 'payment', { type: 'shipment.refused' })).to.have.length(500)
    const left = await browse(world.operations, 'payment')
    expect(new Set(left.map(({ type }) => type))).to.deep.equal(new Set(['inventory.reserved']))
    expect(left).to.have.length(500)
  })

  it('keep their order when there are more than one consumer may hold', async () => {
    const count = 2_300
    await givenMany(count)
    const walked = await browse(world.operations, 'payment')
    expect(walked).to.have.length(count)
    const last = await browse(world.operations, 'payment', { messageId: `m${count - 1}` })
    expect(last).to.have.length(1)
    const order = walked.map(({ messageId }) => messageId)
    const again = (await browse(world.operations, 'payment')).map(({ messageId }) => messageId)
    expect(again).to.deep.equal(order)
  })
})
