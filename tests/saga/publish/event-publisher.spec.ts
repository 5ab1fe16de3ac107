import { expect } from 'chai'
import { type Event, shop } from '../../../services/contract/shop.ts'
import { batchType, singleType } from '../../../shared/contract/envelope.ts'
import type { OutgoingMessage } from '../../../shared/messaging/broker.ts'
import { eventPublisher } from '../../../shared/saga/publish/event-publisher.ts'
import { deferred } from '../../support/deferred.ts'
import { eventAbout, newOrder } from '../../support/events.ts'

const reserved = () => eventAbout(newOrder(), 'inventory.reserved')

/** A publisher whose confirms a test gives, and what it was handed. */
const given = () => {
  const sent: OutgoingMessage[] = []
  const confirms: ReturnType<typeof deferred<void>>[] = []
  const publish = (message: OutgoingMessage) => {
    const confirm = deferred<void>()
    sent.push(message)
    confirms.push(confirm)
    return confirm.promise
  }
  const publisher = { publish, connected: true, close: async () => {} }
  // Calls of one turn go together at its end.
  const events = eventPublisher(shop, publisher, { defer: task => void Promise.resolve().then(task) })
  const confirmAll = () => {
    for (const confirm of confirms.splice(0)) confirm.resolve()
  }
  return { sent, events, confirmAll }
}
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

describe('the publisher of events', () => {
  it('sends an event under its type, its id and its order', async () => {
    const { sent, events } = given()
    const event = reserved()
    void events([event])
    await turn()
    expect(sent[0]).to.include({
      exchange: shop.names.exchanges.events,
      key: event.type,
      type: event.type,
      messageId: event.id,
    })
    expect(sent[0]).to.include({ correlationId: event.subject, contentType: singleType })
    expect(sent[0]).to.not.have.property('headers')
  })

  it('puts events of one type into one message, and of each type into its own', async () => {
    const { sent, events } = given()
    const [first, second] = [reserved(), reserved()]
    const other = eventAbout(newOrder(), 'inventory.rejected')
    void events([first, other])
    void events([second])
    await turn()
    expect(sent.map(({ messageId }) => messageId)).to.have.members([`${first.id}+1`, other.id])
    const both = sent.find(({ contentType }) => contentType === batchType)
    expect(both).to.not.have.property('correlationId')
    const ids = (JSON.parse(both?.body.toString() ?? '[]') as Event[]).map(({ id }) => id)
    expect(ids).to.deep.equal([first.id, second.id])
  })

  it('sends what goes again alone, under its re-send id', async () => {
    const { sent, events } = given()
    const [first, second] = [reserved(), reserved()]
    void events([first, second], 'nudge-1')
    await turn()
    expect(sent.map(({ messageId, headers }) => [messageId, headers])).to.deep.equal([
      [first.id, { 'x-resend': 'nudge-1' }],
      [second.id, { 'x-resend': 'nudge-1' }],
    ])
  })

  it('is done when each of its messages is confirmed', async () => {
    const { events, confirmAll } = given()
    let done = false
    void events([reserved(), eventAbout(newOrder(), 'inventory.rejected')]).then(() => {
      done = true
    })
    await turn()
    expect(done).to.equal(false)
    confirmAll()
    await turn()
    expect(done).to.equal(true)
  })
})
