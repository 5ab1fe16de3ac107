import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Event, shop } from '../../services/contract/shop.ts'
import { batchType, encode } from '../../shared/contract/envelope.ts'
import { until } from '../messaging/messages.ts'
import { needsMongo, testDatabase } from '../storage/adapters.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'
import type { DeadlyOptions } from './deadly-payment.ts'
import { openPaymentInbox, type ParkedLetter, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'

const program = fileURLToPath(new URL('./deadly-payment.js', import.meta.url))

/** Time for the sixteen starts that there may be, each of which takes a second of a core (ms). */
const deathsMs = 120_000

/** Starts the process again whenever it dies, as a supervisor does, until it is told to stop. */
const keepAlive = (options: DeadlyOptions) => {
  const deaths: string[] = []
  let child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: 'inherit' })
  let stopped = false
  let ended = Promise.resolve()
  const watch = () => {
    ended = new Promise(resolve => {
      child.once('exit', (code, signal) => {
        if (!stopped) {
          deaths.push(signal ?? String(code))
          child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: 'inherit' })
          watch()
        }
        resolve()
      })
    })
  }
  watch()
  const stop = async () => {
    stopped = true
    child.kill('SIGTERM')
    await ended
  }
  return { deaths, stop }
}

describe('an event that kills its process', function () {
  this.timeout(300_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox
  let kept: ReturnType<typeof keepAlive> | undefined

  beforeEach(async () => {
    inbox = await openPaymentInbox()
  })
  afterEach(async () => {
    await kept?.stop()
    await inbox.close()
  })

  const start = async (deadly: readonly Event[]) => {
    kept = keepAlive({
      amqpUrl: inbox.subject.urlOf('payment'),
      mongodbUrl: await mongodb(),
      redisUrl: await redis(),
      database: testDatabase().databaseName,
      collection: inbox.collection,
      deadly: deadly.map(({ subject: orderId }) => orderId),
    })
    return kept
  }
  const manyOf = (count: number) => Array.from({ length: count }, () => reserved())
  const areCharged = (events: readonly Event[]) =>
    until(
      'the neighbours are charged',
      async () => {
        const all = await Promise.all(events.map(({ subject: orderId }) => inbox.statusOf(orderId)))
        return all.every(status => status === 'captured')
      },
      deathsMs,
    )
  const told = async () =>
    (await inbox.subject.peek('shipping.inbox')).flatMap(({ body }) => idsIn(JSON.parse(body)))

  const idsIn = (body: { id: string } | { id: string }[]) => [body].flat().map(({ id }) => id)

  it('[I21] ends in the dead letters after a bounded number of deaths, and its neighbours are applied once', async () => {
    const [before, deadly, after] = [manyOf(30), reserved(), manyOf(30)]
    for (const event of [...before, deadly, ...after]) await inbox.send(rawOf(event))
    const { deaths } = await start([deadly])
    const neighbours = [...before, ...after]
    await areCharged(neighbours)
    await letterOf(deadly)
    await nothingIsLeft()
    expect(await inbox.takeLetters()).to.deep.equal([])
    expect(new Set(deaths)).to.deep.equal(new Set(['SIGKILL']))
    expect(deaths.length).to.be.within(3, 8)
    // What was told twice by two processes has the same id.
    expect([...new Set(await told())]).to.have.members(
      neighbours.map(({ subject: orderId }) => `${orderId}:payment:1`),
    )
    for (const { subject: orderId } of neighbours)
      expect((await inbox.store.load(orderId))?.events.map(({ type }) => type)).to.deep.equal([
        'payment.captured',
      ])
  })

  it('[I21] is parked alone out of an envelope of several, and so are two that come together', async () => {
    const [one, other, ...neighbours] = manyOf(8) as [Event, Event, ...Event[]]
    const [first, ...rest] = neighbours as [Event, ...Event[]]
    const { body } = encode(shop, [first, one, ...rest.slice(0, 2), other, ...rest.slice(2)])
    await inbox.send({ ...rawOf(first, { contentType: batchType }), body })
    const { deaths } = await start([one, other])
    await areCharged(neighbours)
    const letters = await lettersUntil(found => new Set(found.map(idOf)).size === 2)
    // The envelope comes again until its last one is known to be deadly, and each time the first one is
    // parked again.
    expect(new Set(letters.map(idOf))).to.deep.equal(new Set([one.id, other.id]))
    for (const { properties } of letters) expect(properties.headers).to.include({ 'x-reason': 'crash-loop' })
    expect(deaths.length).to.be.within(3, 16)
    await nothingIsLeft()
  })

  const lettersUntil = async (areAll: (letters: readonly ParkedLetter[]) => boolean) => {
    const letters: ParkedLetter[] = []
    const arrived = async () => {
      letters.push(...(await inbox.takeLetters()))
      return areAll(letters)
    }
    await until('the dead letters', arrived, deathsMs)
    return letters
  }
  const idOf = ({ properties }: ParkedLetter): string => properties.messageId
  const letterOf = async (event: Event) => {
    const [letter, ...more] = await lettersUntil(found => found.length > 0)
    expect(more).to.deep.equal([])
    expect(letter?.properties.messageId).to.equal(event.id)
    expect(letter?.properties.headers).to.include({
      'x-reason': 'crash-loop',
      'x-origin-key': 'inventory.reserved',
    })
    expect(letter?.body.equals(encode(shop, [event]).body)).to.equal(true)
    expect((await inbox.store.load(event.subject))?.inbox[event.id]).to.include({
      outcome: 'dead',
      reason: 'crash-loop',
    })
  }
  // What is taken and not answered yet is not ready either: only after a stop that finishes it does an empty
  // queue say that nothing is left.
  const nothingIsLeft = async () => {
    await until('the inbox is empty', async () => (await inbox.subject.ready('payment.inbox')) === 0)
    await kept?.stop()
    expect(await inbox.subject.ready('payment.inbox')).to.equal(0)
  }
})
