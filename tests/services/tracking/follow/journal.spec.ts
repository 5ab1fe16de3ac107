import { connect } from 'amqplib'
import { expect } from 'chai'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { ids, message, until } from '../../../messaging/messages.ts'
import { journalPerTest } from './journal-per-test.ts'

const placed = (id: string) => message(id)
const idsOf = (taken: readonly { messageId: string | undefined }[]) => taken.map(({ messageId }) => messageId)

describe('the journal', function () {
  this.timeout(60_000)
  const on = journalPerTest()
  const has = (taken: readonly unknown[], count: number) =>
    until(`${count} messages`, () => taken.length >= count, 30_000)
  const remakeJournal = async () => {
    const { api, vhost } = on.subject()
    const path = `/api/queues/${vhost}/saga.journal`
    await api('DELETE', path)
    return async () => {
      await api('PUT', path, { durable: true, arguments: { 'x-queue-type': 'stream' } })
      await api('POST', `/api/bindings/${vhost}/e/saga.events/q/saga.journal`, { routing_key: '#' })
    }
  }

  it('is read from its start, in order, with growing offsets, also what comes later', async () => {
    await on.publish('order', ids(3).map(placed))
    const { taken, reader } = on.read()
    await has(taken, 3)
    await on.publish('order', [placed('later')])
    await has(taken, 4)
    expect(idsOf(taken)).to.deep.equal(['m0', 'm1', 'm2', 'later'])
    const offsets = taken.map(({ offset }) => offset)
    expect(offsets).to.deep.equal(offsets.toSorted((a, b) => a - b))
    expect(new Set(offsets).size).to.equal(4)
    await until('the end', () => reader.atEnd)
  })

  it('is read far beyond what the broker sends ahead', async () => {
    await on.publish('order', [placed('first')])
    const { taken } = on.read()
    const publisher = on.subject().as('order').publisher()
    await Promise.all(ids(2_500).map(id => publisher.publish(placed(id))))
    await publisher.close(5_000)
    await has(taken, 2_501)
    expect(new Set(idsOf(taken)).size).to.equal(2_501)
  })

  it('is taken in portions when somebody wants to wait for more, and at once when as much is there as they take', async () => {
    const reader = on.journal().open({ after: undefined, onBreak: () => {} })
    try {
      const patient = reader.take(3, systemClock.monotonic() + 600_000)
      await until('the reading', () => reader.reading)
      await on.publish('order', ids(3).map(placed))
      expect(idsOf(await patient)).to.deep.equal(['m0', 'm1', 'm2'])
      const soon = reader.take(3, systemClock.monotonic() + 1_000)
      await on.publish('order', [placed('m3'), placed('m4')])
      expect(idsOf(await soon)).to.deep.equal(['m3', 'm4'])
      const never = reader.take(3, systemClock.monotonic() + 600_000)
      await on.publish('order', [placed('m5')])
      await reader.close()
      expect(await never).to.deep.equal([])
    } finally {
      await reader.close()
    }
  })

  it('goes on after the message of a position, without telling it again', async () => {
    await on.publish('order', ids(5).map(placed))
    const first = on.read()
    await has(first.taken, 5)
    const { taken, breaks, reader } = on.read(first.taken[2])
    await has(taken, 2)
    await until('the end', () => reader.atEnd)
    expect(idsOf(taken)).to.deep.equal(['m3', 'm4'])
    expect(breaks).to.deep.equal([])
  })

  it('goes on by itself where it was when the connection is lost', async () => {
    await on.publish('order', [placed('before')])
    const { taken, breaks, reader } = on.read()
    await has(taken, 1)
    await on.subject().cut(`tracking`)
    await until('the loss', () => !reader.reading)
    expect(reader.atEnd).to.equal(false)
    await on.publish('order', [placed('after')])
    await has(taken, 2)
    expect(idsOf(taken)).to.deep.equal(['before', 'after'])
    expect(breaks).to.deep.equal([])
  })

  it('[I32] is read from its start, and says so, when it was deleted and made anew meanwhile', async () => {
    await on.publish('order', ids(4).map(placed))
    const { taken, breaks, reader } = on.read()
    await has(taken, 4)
    const remake = await remakeJournal()
    await until('the loss', () => !reader.reading)
    await remake()
    await on.publish('order', ['n0', 'n1'].map(placed))
    await has(taken, 6)
    expect(idsOf(taken).slice(4)).to.deep.equal(['n0', 'n1'])
    expect(breaks).to.deep.equal(['made-anew'])
  })

  it('[I32] is recognised as another one although it has a message at the same place', async () => {
    await on.publish('order', ids(2).map(placed))
    const { taken, reader } = on.read()
    await has(taken, 2)
    await reader.close()
    await (await remakeJournal())()
    await on.publish(
      'order',
      ids(6).map(id => placed(`n${id}`)),
    )
    const again = on.read(taken[1])
    await has(again.taken, 6)
    expect(again.breaks).to.deep.equal(['made-anew'])
    expect(idsOf(again.taken)).to.deep.equal(ids(6).map(id => `n${id}`))
  })

  it('is read from its start when nothing stands at the position any more', async () => {
    const { taken, breaks } = on.read({ offset: 1_000, messageId: 'gone' })
    await until('the proof that it is another one', () => breaks.length > 0, 30_000)
    await on.publish('order', [placed('new')])
    await has(taken, 1)
    expect(idsOf(taken)).to.deep.equal(['new'])
  })

  const refusals: [what: string, attempt: (channel: Channel) => Promise<unknown>][] = [
    ['publish an event', async channel => publish(channel, 'saga.events', 'order.placed')],
    ['publish to the default exchange', async channel => publish(channel, '', 'order.inbox')],
    ['read an inbox', channel => channel.consume('order.inbox', () => {})],
    ['read dead letters', channel => channel.consume('order.dlq', () => {})],
    ['declare a queue', channel => channel.assertQueue('mine', { durable: true })],
    ['bind a queue', channel => channel.bindQueue('saga.journal', 'saga.events', 'x')],
    ['delete the journal', channel => channel.deleteQueue('saga.journal')],
    ['empty a queue', channel => channel.purgeQueue('order.inbox')],
  ]
  for (const [what, attempt] of refusals)
    it(`is all that its reader may touch: it may not ${what}`, async () => {
      const connection = await connect(on.subject().urlOf('tracking'))
      const channel = await connection.createConfirmChannel()
      const refused = new Promise<{ code?: number }>(resolve => channel.on('error', resolve))
      attempt(channel).catch(() => {})
      expect((await refused).code).to.equal(403)
      await connection.close()
    })
})

type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>

const publish = async (channel: Channel, exchange: string, key: string) => {
  channel.publish(exchange, key, Buffer.from('x'))
  await channel.waitForConfirms()
}
