import { expect } from 'chai'
import { statusText } from '../../cli/status/text.ts'
import { type BrokerStatus, judge, type Status } from '../../cli/status/verdict.ts'
import { terminalOn } from '../../cli/terminal.ts'

const queue = { service: 'payment', waiting: 0, inHand: 0, consumers: 1, deadLetters: 0 }
const broker: BrokerStatus = { queues: [queue], unrouted: 0, missing: [], different: [] }
const well: Status = {
  door: { url: 'http://door', answers: true },
  services: [{ name: 'payment', ready: true }],
  broker,
  tracking: { lagSeconds: 0.2 },
}
const terminal = terminalOn({
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  env: { NO_COLOR: '1' },
})

const judged = (status: Status) => judge(status, 100)

describe('the verdict on a system', () => {
  it('finds nothing wrong when all is well', () => {
    expect(judged(well)).to.deep.equal([])
    expect(statusText(well, [], terminal.paint)).to.match(/all is well$/)
  })

  for (const [title, change, expected] of [
    [
      'a door that does not answer',
      { door: { url: 'http://door', answers: false } },
      /door at http:\/\/door does not/,
    ],
    [
      'a service that is not ready',
      { services: [{ name: 'payment', ready: false, why: 'store' }] },
      /^payment is not ready: store/,
    ],
    [
      'a broker that cannot be asked',
      { broker: { unreachable: 'broker-unavailable' } },
      /broker-unavailable/,
    ],
    [
      'an inbox without a consumer',
      { services: [], broker: { ...broker, queues: [{ ...queue, consumers: 0, waiting: 7 }] } },
      /inbox of payment, in which 7 wait/,
    ],
    [
      'dead letters above the alarm',
      { broker: { ...broker, queues: [{ ...queue, deadLetters: 101 }] } },
      /^101 dead letters of payment; `npx choreo dlq list --service payment`/,
    ],
    ['what reached no inbox', { broker: { ...broker, unrouted: 1 } }, /^1 messages reached no inbox/],
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
      const wrong = judged({ ...well, ...change } as Status)
      expect(wrong).to.have.length(1)
      expect(wrong[0]).to.match(expected)
      expect(statusText({ ...well, ...change } as Status, wrong, terminal.paint)).to.include(wrong[0])
    })

  it('believes a service that is ready more than the older figures of the broker', () => {
    expect(judged({ ...well, broker: { ...broker, queues: [{ ...queue, consumers: 0 }] } })).to.deep.equal([])
  })

  it('calls as many dead letters as the alarm no alarm yet', () => {
    expect(
      judged({ ...well, broker: { ...broker, queues: [{ ...queue, deadLetters: 100 }] } }),
    ).to.deep.equal([])
  })
})
