import { expect } from 'chai'
import { forecastText } from '../../cli/dead-letter-text.ts'
import { entryText } from '../../cli/saga/text.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { readMessage } from '../../services/tracking/follow/entries.ts'
import { singleType } from '../../shared/contract/envelope.ts'
import { sensitiveIn } from '../../shared/contract/redact.ts'
import { forecast } from '../../shared/operations/dead-letters/forecast.ts'
import { noCalls } from '../../shared/saga/define/service.ts'
import { bareEnv, run } from '../cli/choreo.ts'
import { until } from '../messaging/messages.ts'
import { readJournal } from '../operations/journal.ts'
import { brokenWhile } from '../saga/engine-subjects.ts'
import { needsMongo } from '../storage/adapters.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { openPaymentInbox, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'

const here = /tests\/faults\/failing-handler\.spec\.ts:\d+/
const paint = { strong: String, good: String, bad: String, doubtful: String, faint: String }
const screen = { columns: 400, paint } as unknown as Parameters<typeof entryText>[1]

/** A bug that says what it wanted and nothing of the order. */
const forgets = (_: Event): boolean => (undefined as unknown as { gold: boolean }).gold

/** A bug whose words quote the order. */
const quotes = ({ data }: Event): boolean => {
  const { paymentToken, shipTo } = data as { paymentToken: string; shipTo: { name: string; line1: string } }
  throw new RangeError(`no gold of ${paymentToken} for ${shipTo.name} (${JSON.stringify(shipTo)})`)
}

describe('a handler that throws', function () {
  this.timeout(60_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox
  let env: NodeJS.ProcessEnv

  beforeEach(async () => {
    inbox = await openPaymentInbox()
    env = bareEnv({
      AMQP_URL: inbox.subject.urlOf('operator'),
      RABBITMQ_MANAGEMENT_URL: 'http://127.0.0.1:1',
    })
  })
  afterEach(async () => {
    await inbox.close()
  })

  const parked = (count: number) =>
    until(`${count} dead letters`, async () => (await inbox.subject.ready('payment.dlq')) === count, 30_000)
  const fail = async (isBroken: (event: Event) => boolean, count = 1): Promise<Event> => {
    inbox.start({ isBroken, ladder: { maxAttempts: 2 } })
    const events = Array.from({ length: count }, () => reserved())
    for (const event of events) await inbox.send(rawOf(event))
    await parked(count)
    return events[0] as Event
  }
  const lineOf = (message: string) => {
    const line = inbox.lines.find(one => one.startsWith(`${message} {`)) ?? ''
    return JSON.parse(line.slice(line.indexOf('{'))) as Record<string, unknown>
  }
  const notices = async () =>
    (await readJournal(inbox.subject.urlOf('operator'))).filter(({ key }) => key.startsWith('payment.'))

  it('says what and where: in the log, on the dead letter, in the story and on the command line', async () => {
    const event = await fail(forgets)
    const error = "Cannot read properties of undefined (reading 'gold')"
    const line = lineOf('parked')
    expect(line).to.include({
      ...{ orderId: event.subject, eventId: event.id, eventType: event.type, messageId: event.id },
      ...{ attempt: 2, code: 'TypeError', error },
    })
    expect(line.errorAt).to.match(here)
    expect(String(line.stack).split('\n')[0]).to.match(/^isBroken|^forgets/)
    expect(lineOf('waits for another attempt')).to.include({ attempt: 1, error, errorAt: line.errorAt })
    const told = await notices()
    expect(told.map(({ key }) => key)).to.include.members(['payment.attempt-failed', 'payment.parked'])
    for (const { key, body } of told) {
      const { data } = JSON.parse(body) as { data: object }
      expect(data, key).to.include({ reason: 'TypeError', error, errorAt: line.errorAt })
      const [entry] = readMessage(messageOf(key, body)).told
      expect(entryText(entry?.entry as never, screen)).to.include(`error ${error}, errorAt ${line.errorAt}`)
    }
    const list = await run(['dlq', 'list'], env)
    expect(list.out).to.match(here)
    const shown = await run(['dlq', 'show', event.id], env)
    expect(shown.out).to.include(error).and.include(`at ${line.errorAt}`)
    const [letter] = await inbox.takeLetters()
    expect(letter?.properties.headers).to.include({
      ...{ 'x-reason': 'TypeError', 'x-error': error, 'x-error-at': line.errorAt },
    })
    const again = forecast(brokenWhile(forgets, paymentService(noCalls, 100)), event)
    expect(forecastText(again)).to.equal(`${event.id}: fails again: TypeError: ${error} at ${line.errorAt}`)
  })

  it('[I19] quotes no token and no address, whatever its words quote', async () => {
    const event = await fail(quotes)
    const { stack: _, ...line } = lineOf('parked')
    expect(line.error).to.equal('no gold of *** for *** ({***})')
    const [letter] = await inbox.takeLetters()
    const forecasted = forecast(brokenWhile(quotes, paymentService(noCalls, 100)), event)
    const seen = JSON.stringify([
      ...[inbox.lines, await notices(), letter?.properties.headers, forecasted],
    ]).toLowerCase()
    expect(seen).to.include('no gold of ***')
    const secrets = [...sensitiveIn(shop, [event])].filter(secret => secret.length > 3)
    expect(secrets).to.have.length.above(3)
    for (const secret of secrets) expect(seen).to.not.include(secret.toLowerCase())
  })

  it('is one group for all that it throws at, and another one for another place', async () => {
    const [one, other] = [(_: Event) => forgets(_), quotes]
    let count = 0
    await fail(event => (count++ % 6 < 4 ? one(event) : other(event)), 3)
    const groups = (await run(['dlq', 'list', '--json'], env)).json as {
      count: number
      reason: string
      errorAt: string
    }[]
    expect(groups.map(group => group.reason).sort()).to.include.members(['RangeError', 'TypeError'])
    for (const { errorAt } of groups) expect(errorAt).to.match(here)
    const [{ errorAt, count: lettersThere } = { errorAt: '', count: 0 }] = groups
    const those = await run(['dlq', 'list', '--each', '--error-at', errorAt, '--json'], env)
    expect(those.json).to.have.length(lettersThere)
  })
})

const messageOf = (type: string, body: string) =>
  ({ body: Buffer.from(body), contentType: singleType, type }) as Parameters<typeof readMessage>[0]
