import { expect } from 'chai'
import { fillsOf, fillText } from '../../../shared/operations/topology/fill.ts'
import { foreignText, isGrave, isTrouble } from '../../../shared/operations/topology/foreign-queues.ts'
import type { LiveTopology } from '../../../shared/operations/topology/live-topology.ts'

type Given = {
  args?: Record<string, unknown>
  policy?: Record<string, unknown>
  operator?: Record<string, unknown>
  ready?: number
  bytes?: number
}

const live = ({ args = {}, policy, operator, ready, bytes }: Given): LiveTopology => ({
  definitions: {
    queues: [{ name: 'q', arguments: args }],
    policies: policy ? [{ name: 'p', pattern: '.*', definition: policy }] : [],
  },
  queues: [{ name: 'q', ready, unacknowledged: 0, consumers: 1, bytes, ...(policy && { policy: 'p' }) }],
  operatorPolicies: operator ? [{ name: 'o', pattern: '^q', definition: operator }] : [],
})
const fill = (given: Given) => {
  const [found] = fillsOf(live(given))
  return found && [found.share, found.refuses, fillText(found)]
}
const refuses = { overflow: 'reject-publish' }

describe('how near a queue is to its limit', () => {
  it('is told by the limit in force: of its policy, its arguments or an operator, whichever is lowest', () => {
    const policy = { ...refuses, 'max-length': 1_000 }
    expect(fill({ policy, ready: 10 })).to.deep.equal([0.01, true, '1 % full (10 of 1000 messages)'])
    expect(fill({ policy, args: { 'x-max-length': 20 }, ready: 10 })?.[0]).to.equal(0.5)
    expect(fill({ policy, operator: { 'max-length': 10 }, ready: 10 })).to.deep.equal([
      ...[1, true, 'full (10 of 10 messages)'],
    ])
    expect(fill({ args: { 'x-max-length': 20 }, ready: 19 })).to.deep.equal([
      ...[0.95, false, '95 % full (19 of 20 messages)'],
    ])
  })

  it('is told by bytes where these are nearer', () => {
    const policy = { ...refuses, 'max-length': 1_000, 'max-length-bytes': 100 }
    expect(fill({ policy, ready: 10, bytes: 80 })?.[2]).to.equal('80 % full (80 of 100 bytes)')
  })

  it('is unknown when nobody can tell, and not empty', () => {
    expect(fill({ policy: { ...refuses, 'max-length-bytes': 100 }, ready: 10 })).to.deep.equal([
      ...[undefined, true, 'filled to an unknown part (an unknown number of 100 bytes)'],
    ])
  })

  it('is nothing for a queue without a limit, and for a stream', () => {
    expect(fill({ ready: 10 })).to.equal(undefined)
    const stream = { 'x-queue-type': 'stream', 'x-max-length-bytes': 10 }
    expect(fill({ args: stream, ready: 10 })).to.equal(undefined)
  })
})

describe('a queue of others', () => {
  const queue = { name: 'q', events: ['a.b'], direct: true, messages: 1, consumers: 1 }
  const filled = (share: number, refuses = true) => ({
    queue: 'q',
    share,
    refuses,
    limit: '9 of 10 messages',
  })

  it('is trouble when nobody is known to empty it, or when it may refuse; grave above 80 %', () => {
    expect([isTrouble(queue), isGrave(queue)]).to.deep.equal([false, false])
    expect(isTrouble({ ...queue, consumers: 0 })).to.equal(true)
    expect(isTrouble({ ...queue, consumers: undefined })).to.equal(true)
    expect(isTrouble({ ...queue, fill: filled(0.1, false) })).to.equal(false)
    expect(isTrouble({ ...queue, fill: filled(0.1) })).to.equal(true)
    expect(isTrouble({ ...queue, events: [], consumers: 0, fill: filled(1) })).to.equal(false)
    expect(isGrave({ ...queue, fill: filled(0.8) })).to.equal(false)
    expect(isGrave({ ...queue, fill: filled(0.81) })).to.equal(true)
    expect(isGrave({ ...queue, fill: filled(1, false) })).to.equal(false)
  })

  it('says what it does when it is full', () => {
    expect(foreignText({ ...queue, fill: filled(1) })).to.match(/: whoever publishes these events is refused/)
    expect(foreignText({ ...queue, fill: filled(0.9, false) })).to.match(/, and drops what is too much$/)
    expect(foreignText(queue)).to.match(/grows until RabbitMQ blocks all publishers$/)
    expect(foreignText({ ...queue, events: [], messages: undefined, consumers: undefined })).to.equal(
      'queue q, which nobody here declares, gets no events: an unknown number of messages, an unknown number of consumers; it harms nobody',
    )
  })
})
