import { expect } from 'chai'
import { inFlight, lossOf, type PendingPublish } from '../../../shared/messaging/amqp/in-flight.ts'
import { message } from '../messages.ts'

const pending = (id: string, since = 0): PendingPublish & { readonly ended: string[] } => {
  const ended: string[] = []
  return {
    ...{ message: message(id), since, unroutable: false, late: false, ended },
    resolve: () => void ended.push('resolved'),
    reject: error => void ended.push(error.code),
  }
}

describe('what went out on one channel and is not confirmed', () => {
  it('is returned in the order of sending when messages are equal, each one once', () => {
    const sent = inFlight()
    const [first, second, other] = [pending('m1'), pending('m1'), pending('m2')]
    for (const one of [first, second, other]) sent.add(one)
    const { exchange, key } = first.message
    sent.returned('m1', exchange, key)
    expect([first, second, other].map(({ unroutable }) => unroutable)).to.deep.equal([true, false, false])
    sent.returned('m1', exchange, key)
    expect([first, second, other].map(({ unroutable }) => unroutable)).to.deep.equal([true, true, false])
  })

  it('is not returned any more once it was confirmed, nor for another key', () => {
    const sent = inFlight()
    const [first, second] = [pending('m1'), pending('m1')]
    for (const one of [first, second]) sent.add(one)
    sent.remove(first)
    const { exchange, key } = first.message
    sent.returned('m1', exchange, 'order.confirmed')
    expect(second.unroutable).to.equal(false)
    sent.returned('m1', exchange, key)
    expect([first.unroutable, second.unroutable, sent.size]).to.deep.equal([false, true, 1])
  })

  it('fails its callers once when it went out too long ago, and keeps its place', () => {
    const sent = inFlight()
    const [old, young] = [pending('m1', 100), pending('m2', 200)]
    for (const one of [old, young]) sent.add(one)
    expect([sent.oldest(), sent.expire(99), sent.expire(100), sent.expire(100)]).to.deep.equal([
      100,
      false,
      true,
      false,
    ])
    expect([old.ended, young.ended]).to.deep.equal([['publish-unconfirmed'], []])
    expect([sent.size, sent.oldest()]).to.deep.equal([2, 200])
    sent.expire(200)
    expect(sent.oldest()).to.equal(undefined)
  })
})

describe('the error for a message whose channel ended', () => {
  const closed = (code: number, text: string) => Object.assign(new Error(text), { code })
  const [exchange, key] = ['saga.events', 'order.placed']
  const cases: readonly [why: string, failure: Error | undefined, code: string][] = [
    ['without a reason', undefined, 'publish-unconfirmed'],
    ['for another reason', closed(320, 'CONNECTION_FORCED'), 'publish-unconfirmed'],
    ['because its exchange is missing', closed(404, `no exchange '${exchange}' in vhost`), 'broker-refused'],
    [
      'because that of a neighbour is',
      closed(404, "no exchange 'saga.dead' in vhost"),
      'publish-unconfirmed',
    ],
    [
      'because its key is refused',
      closed(403, `access to topic '${key}' in exchange '${exchange}' refused`),
      'broker-refused',
    ],
    [
      'because that of a neighbour is refused',
      closed(403, `access to topic 'order.eaten' in exchange '${exchange}' refused`),
      'publish-unconfirmed',
    ],
    ['because of something that is not named', closed(403, 'access refused'), 'broker-refused'],
  ]
  for (const [why, failure, code] of cases)
    it(`${why} is ${code}`, () => {
      expect(lossOf(message('m1', { exchange, key }), failure).code).to.equal(code)
    })
})
