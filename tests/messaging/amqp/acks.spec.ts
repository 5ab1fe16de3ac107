import { expect } from 'chai'
import fc from 'fast-check'
import { type Acks, acks } from '../../../shared/messaging/amqp/acks.ts'

type Step = { do: 'deliver' | 'flush' | 'flush behind' } | { do: 'ack' | 'return'; pick: number }

/** What the broker keeps of a channel, with its own rule: an unknown tag ends the channel. */
const brokerSide = () => {
  const unanswered = new Set<number>()
  const take = (tag: number) => {
    if (!unanswered.delete(tag)) throw new Error(`the broker does not know ${tag}`)
  }
  const upTo = (tag: number) => {
    for (const other of [...unanswered]) if (other < tag) take(other)
    take(tag)
  }
  return { unanswered, take, upTo }
}

const channel = () => {
  const [client, broker, given] = [acks(), brokerSide(), new Set<number>()]
  let tags = 0
  const flush = () => {
    const tag = client.takeReady()
    if (tag !== undefined) broker.upTo(tag)
  }
  const flushBehind = () => client.takeBehind().forEach(broker.take)
  const run = (step: Step) => {
    if ('pick' in step) {
      if (tags > 0) answer(step.do, (step.pick % tags) + 1)
    } else if (step.do === 'deliver') {
      tags += 1
      broker.unanswered.add(tags)
      client.delivered(tags)
    } else if (step.do === 'flush') flush()
    else flushBehind()
  }
  const answer = (how: 'ack' | 'return', tag: number) => {
    const first = how === 'ack' ? client.acked(tag) : client.returned(tag)
    expect(first).to.equal(!given.has(tag))
    given.add(tag)
    if (first && how === 'return') broker.take(tag)
  }
  return { run, flush, flushBehind, broker, given, client, tags: () => tags }
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'deliver' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'flush' }, { do: 'flush behind' }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'return' as const), pick: fc.nat(1000) }),
  },
)

describe('acknowledgements for several deliveries', () => {
  it('take with them nothing that has no answer, and name no tag that the broker does not know', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), steps => {
        const { run, broker, given, tags } = channel()
        for (const step of steps) {
          run(step)
          for (let tag = 1; tag <= tags(); tag++)
            if (!given.has(tag)) expect(broker.unanswered.has(tag), `tag ${tag} has no answer`).to.equal(true)
        }
      }),
    )
  })

  it('leave with the broker exactly what has no answer, once everything is sent', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), steps => {
        const { run, flush, flushBehind, broker, given, tags } = channel()
        for (const step of steps) run(step)
        flush()
        flushBehind()
        const open = Array.from({ length: tags() }, (_, i) => i + 1).filter(tag => !given.has(tag))
        expect([...broker.unanswered]).to.deep.equal(open)
      }),
    )
  })

  it('count what one acknowledgement sends and what waits behind a gap', () => {
    const one: Acks = acks()
    for (const tag of [1, 2, 3, 4]) one.delivered(tag)
    for (const tag of [1, 3, 4]) one.acked(tag)
    expect([one.ready, one.behind]).to.deep.equal([1, 2])
    one.returned(2)
    expect([one.ready, one.behind]).to.deep.equal([3, 0])
    expect(one.takeReady()).to.equal(4)
    expect([one.ready, one.takeReady()]).to.deep.equal([0, undefined])
  })
})
