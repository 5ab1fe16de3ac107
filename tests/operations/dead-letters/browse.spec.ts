import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import type { OutgoingMessage } from '../../../shared/messaging/broker.ts'
import { browse, purge } from '../../../shared/operations/dead-letters/browse.ts'
import { group } from '../../../shared/operations/dead-letters/filter.ts'
import { replay } from '../../../shared/operations/dead-letters/replay.ts'
import { newOrder } from '../world.ts'
import { paymentWithLetters } from './dead-letters.ts'

describe('dead letters', function () {
  this.timeout(60_000)
  const here = paymentWithLetters()
  const { start, reserved, deadLetters, idsInQueue, given, givenOfEveryKind } = here

  it('are shown with their reasons, decoded, and grouped, and stay as they are', async () => {
    start()
    const { failing } = await givenOfEveryKind()
    const before = await deadLetters()
    const shown = await browse(here.world.operations, 'payment')
    expect(shown.map(({ reason }) => reason)).to.deep.equal(['event-unknown', 'body-unreadable', 'TypeError'])
    expect(shown.map(({ poison }) => poison)).to.deep.equal(['event-unknown', 'body-unreadable', undefined])
    expect(shown[2]).to.include({ subject: failing, type: 'inventory.reserved', attempts: 3 })
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
    expect(await deadLetters()).to.deep.equal(before)
  })

  it('[I19] never show a payment token or an address, readable or not', async () => {
    start()
    await givenOfEveryKind()
    const shown = JSON.stringify([
      await browse(here.world.operations, 'payment'),
      await replay(here.world.operations, 'payment', {}, { dryRun: true }),
    ])
    expect(shown).to.include('inventory.reserved')
    expect(shown).to.not.match(/tok_approve|Main Street|Springfield|A\. Buyer/)
  })

  it('are found by order, message, type, reason and age', async () => {
    start()
    const [first, second] = await given(2)
    const found = async (filter: Parameters<typeof browse>[2]) =>
      (await browse(here.world.operations, 'payment', filter)).map(({ subject: orderId }) => orderId)
    expect(await found({ subject: second as string })).to.deep.equal([second])
    expect(await found({ messageId: `${first}:inventory:1` })).to.deep.equal([first])
    expect(await found({ type: 'shipment.refused' })).to.deep.equal([])
    expect(await found({ reason: 'TypeError' })).to.deep.equal([first, second])
    expect(await found({ olderThan: 3_600_000 })).to.deep.equal([])
    expect(await found({ newerThan: 3_600_000 })).to.deep.equal([first, second])
  })

  it('are deleted only as far as they are meant, and what was deleted is said', async () => {
    start()
    const [first, second] = (await given(2)) as [OrderId, OrderId]
    expect(await purge(here.world.operations, 'payment', { olderThan: 3_600_000 })).to.deep.equal([])
    const purged = await purge(here.world.operations, 'payment', { subject: first })
    expect(purged.map(({ subject: orderId }) => orderId)).to.deep.equal([first])
    expect(await idsInQueue()).to.deep.equal([`${second}:inventory:1`])
  })

  const givenMany = (count: number, change: (i: number) => Partial<OutgoingMessage> = () => ({})) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        here.world.publish({
          ...reserved(newOrder()),
          ...{ exchange: 'saga.dlx', key: 'payment', messageId: `m${i}` },
          ...change(i),
        }),
      ),
    )

  it('are gone for good when many are deleted at once', async () => {
    await givenMany(1_000)
    expect(await purge(here.world.operations, 'payment', {})).to.have.length(1_000)
    expect(await browse(here.world.operations, 'payment')).to.deep.equal([])
  })

  it('are gone for good when many are deleted between others that stay', async () => {
    const types = ['inventory.reserved', 'shipment.refused']
    await givenMany(1_000, i => ({ type: types[i % 2] ?? '', body: Buffer.from('none') }))
    expect(await purge(here.world.operations, 'payment', { type: 'shipment.refused' })).to.have.length(500)
    const left = await browse(here.world.operations, 'payment')
    expect(new Set(left.map(({ type }) => type))).to.deep.equal(new Set(['inventory.reserved']))
    expect(left).to.have.length(500)
  })

  it('keep their order when there are more than one consumer may hold', async () => {
    const count = 2_300
    await givenMany(count)
    const walked = await browse(here.world.operations, 'payment')
    expect(walked).to.have.length(count)
    const last = await browse(here.world.operations, 'payment', { messageId: `m${count - 1}` })
    expect(last).to.have.length(1)
    const order = walked.map(({ messageId }) => messageId)
    const again = (await browse(here.world.operations, 'payment')).map(({ messageId }) => messageId)
    expect(again).to.deep.equal(order)
  })
})
