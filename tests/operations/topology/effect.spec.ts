import { expect } from 'chai'
import { leastPriority, mayHoldFor } from '../../../shared/messaging/topology/policies.ts'
import { effectOf } from '../../../shared/operations/topology/effect.ts'

type Settings = Readonly<Record<string, unknown>>

const inbox = {
  ...{ 'delivery-limit': 50, 'max-length': 1_000_000, overflow: 'reject-publish' },
  ...{ 'dead-letter-exchange': 'dlx', 'dead-letter-strategy': 'at-least-once' },
}

/** A setting, what is promised, what is in force, and what is said of it. */
const cases: readonly [setting: string, promised: Settings, live: Settings, says: RegExp, grave: boolean][] =
  [
    [
      'message-ttl',
      inbox,
      { ...inbox, 'message-ttl': 500 },
      /^events older than 500 ms become dead letters/,
      true,
    ],
    ['message-ttl', {}, { 'message-ttl': 2_000 }, /^events older than 2 s are dropped$/, true],
    ['message-ttl', { 'message-ttl': 32_000 }, { 'message-ttl': 2_000 }, /waits 2 s instead of 32 s$/, false],
    ['max-length', inbox, { ...inbox, 'max-length': 10 }, /^above 10 messages publishers are refused$/, true],
    ['max-length', {}, { 'max-length': 10 }, /^above 10 messages the oldest are dropped$/, true],
    [
      'max-length',
      inbox,
      { overflow: 'reject-publish' },
      /^publishers are not refused above 1000000 mess/,
      true,
    ],
    ['max-length-bytes', inbox, { 'max-length-bytes': 9 }, /^above 9 bytes the oldest are dropped/, true],
    ['overflow', inbox, { 'max-length': 10 }, /^above 10 messages the oldest are dropped$/, true],
    ['dead-letter-exchange', inbox, {}, /^what RabbitMQ gives up is deleted/, true],
    ['dead-letter-strategy', inbox, {}, /^what RabbitMQ gives up is deleted/, true],
    [
      'dead-letter-exchange',
      inbox,
      { 'dead-letter-exchange': 'x' },
      /^what RabbitMQ gives up goes elsewh/,
      true,
    ],
    ['dead-letter-strategy', inbox, { 'dead-letter-exchange': 'dlx' }, /can be lost on its way/, true],
    ['delivery-limit', inbox, { 'delivery-limit': 3 }, /given up after 3 deliveries$/, true],
    ['delivery-limit', { 'delivery-limit': 1e9 }, {}, /^RabbitMQ 4 deletes what was looked at/, true],
    ['delivery-limit', inbox, {}, /^a message that kills its process/, true],
    ['expires', inbox, { expires: 3_600_000 }, /^the queue is deleted when unused for 1 h/, true],
    ['max-age', { 'max-age': '7D' }, { 'max-age': '1D' }, /^the journal keeps 1D instead of 7D$/, false],
    ['queue-mode', {}, { 'queue-mode': 'lazy' }, /^queue-mode is lazy instead of not set$/, false],
  ]

describe('what a setting does that is other than promised', () => {
  for (const [setting, promised, live, says, grave] of cases)
    it(`is said of ${setting}: ${says.source.replace(/[\^$]/g, '')}`, () => {
      const { effect, promise } = effectOf(setting, promised, live)
      expect(effect).to.match(says)
      expect(promise !== undefined).to.equal(grave)
    })
})

describe('the priority of a policy of ours', () => {
  const ours = { name: 'payment.inbox', priority: 0 }
  const other = (pattern: string, priority: number, applyTo = 'all') => ({
    ...{ name: 'x', pattern, priority, 'apply-to': applyTo },
  })

  it('is one above the highest that may hold for its queue, and else its own', () => {
    expect(leastPriority(ours, [ours])).to.equal(0)
    expect(leastPriority(ours, [other('.*', 7), other('^pay', 3)])).to.equal(8)
    expect(leastPriority(ours, [other('.*', 0)])).to.equal(1)
    expect(leastPriority(ours, [other('^order', 7), other('.*', 7, 'exchanges'), other('.*', -3)])).to.equal(
      0,
    )
  })

  it('stands above a pattern that only the broker can read', () => {
    expect(mayHoldFor(other('(?i)^PAYMENT', 1), 'payment.inbox')).to.equal(true)
  })
})
