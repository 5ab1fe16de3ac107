import { expect } from 'chai'
import {
  deadLetterLines,
  deadLetterText,
  forecastText,
  groupTable,
  replaySummary,
} from '../../cli/dead-letter-text.ts'
import { widthOf } from '../../cli/fit.ts'
import { listText, storyText } from '../../cli/saga/text.ts'
import { whyText } from '../../cli/saga/why-text.ts'
import type { Paint, Screen } from '../../cli/terminal.ts'
import { orderIdOf } from '../../services/contract/ids.ts'
import { ListedOrder, OrderStory } from '../../services/private-calls/order-story.ts'
import type { EventId } from '../../shared/contract/ids.ts'
import type { DeadLetter } from '../../shared/operations/dead-letters/dead-letter.ts'
import type { Forecast } from '../../shared/operations/dead-letters/forecast.ts'

const paint: Paint = { good: String, bad: String, doubtful: String, faint: String, strong: String }
const plain: Screen = { paint, columns: Number.POSITIVE_INFINITY }
const narrow: Screen = { paint, columns: 80 }
const orderId = orderIdOf('0'.repeat(26))
const about = { eventId: `${orderId}:inventory:1`, orderId }
const deadLetter: DeadLetter = {
  ...{
    service: 'payment',
    messageId: about.eventId,
    type: 'inventory.reserved',
    subject: orderId,
    reason: 'provider-protocol',
  },
  ...{
    attempts: 8,
    firstFailedAt: 0,
    parkedAt: 0,
    age: 7_200_000,
    bytes: 321,
    originKey: 'inventory.reserved',
  },
  events: [
    {
      id: about.eventId as EventId,
      type: 'inventory.reserved',
      subject: orderId,
      at: '2030-01-01T00:00:00Z',
      data: { total: 700 },
    },
  ],
}

describe('what an operator reads', () => {
  for (const [does, told, expected] of [
    [
      'sends again what was applied',
      { does: 'resends', events: [{ type: 'payment.captured', data: {} }] },
      /applied after all; .*: payment\.captured$/,
    ],
    ['has nothing to send', { does: 'resends', events: [] }, /applied after all, and caused nothing/],
    [
      'is ignored',
      { does: 'ignores', reason: 'the payment is closed' },
      /is ignored: the payment is closed$/,
    ],
    [
      'changes the state',
      { does: 'applies', events: [{ type: 'payment.voided', data: {} }], from: 'none', to: 'closed' },
      /from none to closed and sends payment\.voided$/,
    ],
    [
      'calls outside',
      { does: 'calls', call: { kind: 'charge' }, maySend: ['payment.captured', 'payment.declined'] },
      /calls \{"kind":"charge"\}, and then sends payment\.captured or payment\.declined$/,
    ],
    ['fails again', { does: 'fails', reason: 'event-unknown' }, /fails again: event-unknown$/],
    [
      'finishes a call first',
      { does: 'ignores', reason: 'x', opens: 'open-call' },
      /finishes an open call first; .*ignored: x$/,
    ],
  ] as const)
    it(`says of a replay that it ${does}`, () => {
      expect(forecastText({ ...about, ...told } as unknown as Forecast)).to.match(expected)
    })

  it('shows a dead letter with its reason, its data and how to look at its replay', () => {
    const text = deadLetterText(deadLetter, plain)
    expect(text).to.include('provider-protocol  8 attempts  2 h ago')
    expect(text).to.include('"total": 700').and.include(`dlq replay --message ${about.eventId} --dry-run`)
    expect(text).to.include('do: compare the versions of both sides')
    const { events, ...rest } = deadLetter
    const poison = deadLetterText({ ...rest, events: [], poison: 'body-unreadable' }, plain)
    expect(poison).to.include('cannot be decoded (body-unreadable)').and.not.include('700')
  })

  it('says of a replay that ended early what ended it and what to do', () => {
    const sums = { replayed: 2, refused: 0, forecast: 0 }
    const ended = { ...sums, stopped: 'broker-unavailable', detail: 'nothing listens.', help: 'Start it.' }
    expect(replaySummary(ended, false)).to.equal(
      '2 sent again, ended early (broker-unavailable: nothing listens); what is left still lies there, and repeating it is safe. Start it.',
    )
    expect(replaySummary({ ...sums, stopped: 'aborted' }, false)).to.match(
      /ended early \(aborted\); .* is safe$/,
    )
    expect(replaySummary({ ...sums, stopped: null }, false)).to.equal('2 sent again')
  })

  it('shows groups of dead letters with one to look at', () => {
    const group = {
      service: 'payment',
      reason: 'r',
      type: 't',
      count: 3,
      subjects: 2,
      oldest: 61_000,
      newest: 1,
      example: 'm1',
    }
    expect(groupTable([group], plain)).to.match(/payment +r +t +3 +2 +1 min +m1/)
    const fault = { error: `no ${'gold '.repeat(30)}`, errorAt: 'services/payment/domain.ts:41' }
    const [, whole = ''] = groupTable([{ ...group, ...fault }], plain).split('\n')
    expect(whole).to.match(/no gold .* at services\/payment\/domain\.ts:41$/)
    const [, brief = ''] = groupTable([{ ...group, ...fault }], narrow).split('\n')
    expect(brief)
      .to.match(/services\/payment\/domain\.ts:41$/)
      .and.not.include('gold')
  })

  const listed = ListedOrder.parse({
    ...{
      orderId,
      status: 'placed',
      settled: false,
      customerId: 'ada',
      caller: 'shop',
      total: 1250,
      placedAt: '2030-01-01T00:00:00.000Z',
    },
    last: { id: 'a', type: 'order.placed', at: '2030-01-01T00:00:00.000Z' },
    ...{ updatedAt: '2030-01-01T00:00:00.000Z', attemptsFailed: 2, parked: 1, repaired: 0 },
    awaiting: [
      {
        service: 'payment',
        events: ['payment.captured', 'payment.declined'],
        since: '2030-01-01T00:00:00.000Z',
        withinMs: 10,
        overdue: true,
      },
    ],
  })

  it('lists what an order awaits, since when, and its trouble', () => {
    const text = listText([listed], Date.UTC(2030, 0, 1, 0, 5), plain)
    expect(text).to.match(
      /placed +ada +12\.50 +5 min ago +1 parked, 2 failed +payment\.captured or payment\.declined from payment, overdue/,
    )
  })

  const at = '2030-01-01T00:00:00.000Z'
  const story = OrderStory.parse({
    ...{ ...listed, abridged: false, asOf: at, lagSeconds: 60 },
    steps: [
      {
        id: 'a',
        type: 'order.placed',
        service: 'order',
        at,
        data: {
          loyaltyTier: 'gold',
          lines: [
            { sku: 'A', quantity: 2 },
            { sku: 'B', quantity: 1 },
          ],
          total: 1250,
        },
        sinceStartMs: 0,
      },
      { gap: true, id: 'b' },
      {
        id: 'c',
        type: 'payment.captured',
        service: 'payment',
        at,
        cause: 'b',
        data: {},
        sinceStartMs: 1_500,
      },
      {
        id: 'd',
        type: 'payment.parked',
        service: 'payment',
        at,
        cause: 'a',
        notice: 'parked',
        data: { reason: 'r', attempts: 8 },
        sinceStartMs: 2_000,
        afterMs: 2_000,
      },
      {
        ...{ id: 'e', type: 'order.cancelled', service: 'order', at, newer: 2, data: {} },
        sinceStartMs: 2_500,
      },
    ],
  })

  it('tells a story with its causes and its gaps, and says how old it is', () => {
    const untold = {
      orderId,
      status: null,
      settled: false as const,
      awaiting: [],
      steps: [],
      asOf: at,
      lagSeconds: 0,
    }
    const lines = storyText(story, plain).split('\n')
    expect(lines[0]).to.match(/placed, awaits payment\.captured or payment\.declined from payment, overdue$/)
    expect(lines[1]).to.match(
      /0\.000 s {2}order +order\.placed +total 1250, loyaltyTier gold, lines \[sku A quantity 2; sku B quantity 1\]$/,
    )
    expect(lines[2]).to.match(/missing +b$/)
    expect(lines[3]).to.match(/1\.500 s {2}payment +payment\.captured +after b$/)
    expect(lines[4]).to.match(/payment\.parked +2000 ms after order\.placed +reason r, attempts 8$/)
    expect(lines[5]).to.match(/order\.cancelled +v2, newer than tracking$/)
    expect(lines[6]).to.match(/as of .*: tracking is behind/)
    expect(storyText(untold, plain)).to.match(/does not have it yet/)
  })

  it('keeps every row on a screen of 80 columns, and drops what matters least', () => {
    const list = listText([listed], Date.UTC(2030, 0, 1, 0, 5), narrow)
    expect(list).to.match(/^order +status +trouble +awaits$/m)
    expect(list).to.match(/placed +1 parked, 2 failed +payment, overdue$/)
    const failing = { ...listed, reasons: ['out-of-stock', 'provider-unavailable'] }
    const searched = listText([failing], Date.UTC(2030, 0, 1, 0, 5), plain)
    expect(searched).to.match(/2 failed +out-of-stock, provider-unavailable +payment/)
    const rejected = { ...failing, awaiting: [], parked: 0, attemptsFailed: 0 }
    const inBrief = listText([rejected], Date.UTC(2030, 0, 1, 0, 5), narrow)
    expect(inBrief).to.match(/out-of-stock \+1$/m)
    for (const line of inBrief.split('\n')) expect(widthOf(line), line).to.be.at.most(80)
    const told = storyText(story, narrow).split('\n')
    expect(told[0]).to.match(/placed, awaits payment\.captured or$/)
    expect(told.find(line => line.includes('order.placed'))).to.match(/total 1250, …$/)
    expect(deadLetterLines([deadLetter], narrow)).to.match(/provider-protocol +2 h ago$/)
    for (const line of [...told, ...list.split('\n'), deadLetterLines([deadLetter], narrow)])
      expect(widthOf(line), line).to.be.at.most(80)
  })

  it('explains a wait with its step, its matter and what to do', () => {
    const cause = {
      ...({ kind: 'parked', words: 'it is parked', todo: 'replay it', alone: false } as const),
      ...{ service: 'payment', event: { id: about.eventId as EventId, type: 'inventory.reserved' } },
      ...{ awaits: ['payment.captured'], since: 0 },
    }
    const verdict = {
      subject: orderId,
      status: 'stuck',
      words: 'it is parked',
      causes: [cause],
      blind: [{ what: 'the queues', code: 'x' }],
    } as const
    const text = whyText(verdict, 60_000, plain)
    expect(text)
      .to.include('stuck: it is parked')
      .and.include('payment has not finished with inventory.reserved')
    expect(text)
      .to.include('since 1 min')
      .and.include('do: replay it')
      .and.include('the queues could not be looked at (x)')
  })
})
