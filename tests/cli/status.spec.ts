import { expect } from 'chai'
import { statusText } from '../../cli/status/text.ts'
import { type BrokerStatus, isSilent, judge, levelOf, type Status } from '../../cli/status/verdict.ts'
import { terminalOn } from '../../cli/terminal.ts'

const queue = { service: 'payment', waiting: 0, inHand: 0, consumers: 1, deadLetters: 0 }
const broker: BrokerStatus = {
  queues: [queue],
  unrouted: 0,
  unknown: [],
  missing: [],
  different: [],
  ...{ inForce: [], foreign: [], fills: [] },
}
const well: Status = {
  api: { url: 'http://api', says: 'answers' },
  services: [{ name: 'payment', ready: true }],
  broker,
  tracking: { lagSeconds: 0.2 },
  stuck: { calls: 0, amount: 0, more: false },
}
const terminal = terminalOn({
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  env: { NO_COLOR: '1' },
})

const fill = { queue: 'payment.inbox', events: ['inventory.reserved'] }

const judged = (status: Status) => judge(status, 100)

describe('the verdict on a system', () => {
  it('finds nothing when all is well', () => {
    expect([judged(well), levelOf(judged(well))]).to.deep.equal([[], 'well'])
    expect(statusText(well, [], terminal)).to.match(/all is well$/)
  })

  for (const [title, change, expected, level = 'ill'] of [
    [
      'an API that is none of ours',
      { api: { url: 'http://api', says: 'something else' } },
      /http:\/\/api is no API of Choreo/,
    ],
    [
      'a broker that is not known from here',
      { broker: { unreachable: 'system-not-found' } },
      /give its addresses in AMQP_URL and RABBITMQ_MANAGEMENT_URL/,
      'look',
    ],
    [
      'calls that are refused for good',
      { stuck: { calls: 3, amount: 3_150, more: false } },
      /^3 calls refused for good, 31\.50 at risk; `npx --no -- choreo saga stuck`/,
      'look',
    ],
    [
      'stores that cannot be asked for them',
      { stuck: { unreachable: 'store-unavailable' } },
      /^Whether a call is stuck is not known \(store-unavailable\)/,
      'look',
    ],
    [
      'one dead letter',
      { broker: { ...broker, queues: [{ ...queue, deadLetters: 1 }] } },
      /^1 dead letter of payment; `npx --no -- choreo dlq list --service payment`/,
      'look',
    ],
    [
      'as many dead letters as the alarm',
      { broker: { ...broker, queues: [{ ...queue, deadLetters: 100 }] } },
      /^100 dead letters of payment/,
      'look',
    ],
    [
      'a service that is ready and is not counted as a consumer yet',
      { broker: { ...broker, queues: [{ ...queue, consumers: 0 }] } },
      /^The broker counts no consumer of the inbox of payment yet.*look again in 10 s/,
      'look',
    ],
    [
      'a tracking that does not say how far behind it is',
      { services: [{ name: 'tracking', ready: true }], tracking: { unreachable: 'no-answer' } },
      /^Tracking does not report/,
      'look',
    ],
    [
      'an API that does not answer',
      { api: { url: 'http://api', says: 'nothing' } },
      /API at http:\/\/api does not/,
    ],
    [
      'a service that is not ready',
      { services: [{ name: 'payment', ready: false, why: 'store' }] },
      /^payment is not ready: store/,
    ],
    [
      'a broker that cannot be asked',
      { broker: { unreachable: 'broker-refused', why: 'it knows no vhost choreo. Correct the URL.' } },
      /^The broker cannot be asked \(broker-refused\): it knows no vhost choreo\. Correct the URL\.$/,
    ],
    [
      'an inbox without a consumer',
      { services: [], broker: { ...broker, queues: [{ ...queue, consumers: 0, waiting: 7 }] } },
      /inbox of payment, in which 7 wait/,
    ],
    [
      'dead letters above the alarm',
      { broker: { ...broker, queues: [{ ...queue, deadLetters: 101 }] } },
      /^101 dead letters of payment; `npx --no -- choreo dlq list --service payment`/,
    ],
    ['what reached no inbox', { broker: { ...broker, unrouted: 1 } }, /^1 messages reached no inbox/],
    [
      'queues whose figures are unknown',
      {
        broker: {
          ...broker,
          queues: [{ service: 'payment', waiting: null, inHand: null, consumers: null, deadLetters: null }],
          ...{ unrouted: null, unknown: ['payment.inbox', 'payment.dlq'] },
        },
      },
      /^RabbitMQ does not tell how full payment\.inbox, payment\.dlq are.*see that AMQP_URL leads to it/,
      'look',
    ],
    [
      'a policy of others that takes a promise away',
      { broker: { ...broker, inForce: [{ grave: true, what: 'policy x is in force on y: z' }] } },
      /^On the broker policy x is in force on y: z\.$/,
    ],
    [
      'a setting that does no harm',
      { broker: { ...broker, inForce: [{ grave: false, what: 'policy x is in force on y: z' }] } },
      /policy x is in force/,
      'look',
    ],
    [
      'a queue of others that takes our events',
      { broker: { ...broker, foreign: [{ grave: false, what: 'queue fraud.inbox gets order.placed' }] } },
      /queue fraud\.inbox gets order\.placed\. `npx --no -- choreo topology prune`/,
      'look',
    ],
    [
      'a queue of others that is about to refuse',
      { broker: { ...broker, foreign: [{ grave: true, what: 'queue fraud.inbox gets order.placed' }] } },
      /topology prune/,
    ],
    [
      'an inbox that is half full',
      { broker: { ...broker, fills: [{ ...fill, grave: false, fill: '50 % full (5 of 10 messages)' }] } },
      /^The queue payment\.inbox is 50 % full \(5 of 10 messages\); .*publishes inventory\.reserved is refused/,
      'look',
    ],
    [
      'an inbox that is full',
      { broker: { ...broker, fills: [{ ...fill, grave: true, fill: 'full (10 of 10 messages)' }] } },
      /^The queue payment\.inbox is full .*Start whoever consumes it/,
    ],
    [
      'a missing queue',
      { broker: { ...broker, missing: ['queue payment.inbox'] } },
      /lacks queue payment\.inbox/,
    ],
    [
      'another argument',
      { broker: { ...broker, different: ['queue x has another y'] } },
      /queue x has another y/,
    ],
    ['read models that are behind', { tracking: { lagSeconds: 31 } }, /31 s behind/],
  ] as const)
    it(`names ${title}, and what to do`, () => {
      const status = { ...well, ...change } as Status
      const findings = judged(status)
      expect(findings).to.have.length(1)
      expect(findings[0]?.what).to.match(expected)
      expect(levelOf(findings)).to.equal(level)
      const text = statusText(status, findings, terminal)
      expect(text)
        .to.match(new RegExp(`^${level} +`, 'm'))
        .and.include(findings[0]?.what)
      expect(text).to.not.include('all is well')
    })

  it('shows what is unknown as unknown, and never as zero', () => {
    const nothing = { service: 'payment', waiting: null, inHand: null, consumers: null, deadLetters: null }
    const text = statusText(
      { ...well, broker: { ...broker, queues: [nothing], unrouted: null } },
      [],
      terminal,
    )
    expect(text)
      .to.match(/^payment( +unknown){4}$/m)
      .and.match(/^unrouted +unknown$/m)
  })

  it('says the gravest first, and calls the whole by it', () => {
    const queues = [
      { ...queue, deadLetters: 1 },
      { ...queue, service: 'order', deadLetters: 101 },
    ]
    const findings = judged({ ...well, broker: { ...broker, queues, unrouted: 1 } })
    expect(findings.map(({ level }) => level)).to.deep.equal(['ill', 'ill', 'look'])
    expect(levelOf(findings)).to.equal('ill')
  })

  it('calls a system silent when no part of it answers, and only then', () => {
    const nothing = {
      ...well,
      api: { url: 'http://api', says: 'nothing' as const },
      ...{ services: [], broker: { unreachable: 'broker-unavailable', why: 'x' }, tracking: null },
    }
    expect(isSilent(nothing)).to.equal(true)
    for (const part of ['api', 'services', 'broker'] as const)
      expect(isSilent({ ...nothing, [part]: well[part] }), part).to.equal(false)
  })
})
