import { expect } from 'chai'
import { z } from 'zod'
import { commandBus, idReused } from '../../shared/commands/command-bus.ts'
import { defineCommand } from '../../shared/commands/define.ts'
import { deferred } from '../support/deferred.ts'

const Paint = defineCommand({
  name: 'paint',
  subject: z.string().regex(/^wall-\d$/),
  schema: z.strictObject({ colour: z.enum(['red', 'blue']) }),
  answer: z.custom<string>(),
  repeat: 'same-answer',
})
const Air = defineCommand({ name: 'air', answer: z.custom<number>(), repeat: 'harmless' })
const definitions = [Paint, Air] as const

/** Painting that waits until it is let go, and keeps by actor and id what it did. */
const painter = () => {
  const calls: string[] = []
  const record = new Map<string, string>()
  let gate = Promise.resolve()
  let failure: Error | undefined
  const bus = commandBus(definitions, {
    paint: async ({ subject, content }, { actor, id }) => {
      calls.push(`${actor.name} ${content.colour}`)
      await gate
      if (failure) throw failure
      const done = `${subject} is ${content.colour}`
      if (id === undefined) return done
      const key = `${actor.name} ${id}`
      if (record.has(key) && record.get(key) !== done) return idReused
      record.set(key, done)
      return done
    },
    air: async () => calls.push('air'),
  })
  const hold = () => {
    const { promise, resolve } = deferred<void>()
    gate = promise
    const goOn = (error?: Error) => {
      failure = error
      resolve()
    }
    return { goOn }
  }
  const paint = (colour: unknown, id?: string, name = 'ada', subject = 'wall-1') =>
    bus.send(Paint, { subject, content: { colour } }, { actor: { name, operator: false }, id })
  return { bus, calls, hold, paint }
}

const answered = (answer: unknown) => ({ kind: 'answered', answer })
const sender = { actor: { name: 'ada', operator: false } }

describe('a command bus', () => {
  it('gives the handler of a command what it says, parsed, and passes its answer on', async () => {
    const { paint, calls } = painter()
    expect(await paint('red')).to.deep.equal(answered('wall-1 is red'))
    expect(calls).to.deep.equal(['ada red'])
  })

  it('names the fields that are wrong, and asks no handler', async () => {
    const { bus, paint, calls } = painter()
    const refused = await paint('green')
    expect(refused).to.have.property('kind', 'invalid')
    expect(refused).to.have.nested.property('errors[0].field', 'colour')
    const unknown = await bus.send(Paint, { subject: 'wall-1', content: { colour: 'red', size: 1 } }, sender)
    expect(unknown).to.deep.equal({
      kind: 'invalid',
      errors: [{ field: 'size', expected: 'no such field' }],
    })
    expect(calls).to.deep.equal([])
  })

  it('tells a subject that cannot be from content that is wrong', async () => {
    const { paint, calls } = painter()
    expect(await paint('red', undefined, 'ada', 'ceiling')).to.deep.equal({ kind: 'subject-invalid' })
    expect(await paint('green', undefined, 'ada', 'ceiling')).to.have.property('kind', 'invalid')
    expect(calls).to.deep.equal([])
  })

  it('lets who sends the same command meanwhile wait for the answer of the first', async () => {
    const { paint, calls, hold } = painter()
    const { goOn } = hold()
    const both = Promise.all([paint('red', '1'), paint('red', '1')])
    goOn()
    expect(await both).to.deep.equal([answered('wall-1 is red'), answered('wall-1 is red')])
    expect(calls).to.deep.equal(['ada red'])
  })

  it('asks the record, when a command comes again after it was answered', async () => {
    const { paint, calls } = painter()
    expect(await paint('red', '1')).to.deep.equal(await paint('red', '1'))
    expect(calls).to.have.length(2)
  })

  it('refuses another content under an id that is on record, also while the first is under way', async () => {
    const { paint, hold } = painter()
    const { goOn } = hold()
    const [first, second, third] = [paint('red', '1'), paint('blue', '1'), paint('red', '1')]
    goOn()
    expect(await first).to.deep.equal(answered('wall-1 is red'))
    expect(await second).to.deep.equal({ kind: 'id-reused' })
    expect(await third).to.deep.equal(answered('wall-1 is red'))
  })

  it('takes the same id of two actors for two commands, and commands without an id for several', async () => {
    const { paint, calls, hold } = painter()
    const { goOn } = hold()
    const all = Promise.all([paint('red', '1'), paint('red', '1', 'bob'), paint('red'), paint('red')])
    goOn()
    await all
    expect(calls).to.have.length(4)
  })

  it('fails for all who waited when the first fails, and does it anew for who comes then', async () => {
    const { paint, calls, hold } = painter()
    const { goOn } = hold()
    const both = [paint('red', '1'), paint('red', '1')]
    goOn(new RangeError('the ladder broke'))
    for (const one of await Promise.allSettled(both)) expect(one.status).to.equal('rejected')
    hold().goOn()
    expect(await paint('red', '1')).to.deep.equal(answered('wall-1 is red'))
    expect(calls).to.have.length(2)
  })

  it('does a command whose repeat is harmless each time', async () => {
    const { bus, calls } = painter()
    await Promise.all([1, 2].map(() => bus.send(Air, {}, { ...sender, id: '1' })))
    expect(calls).to.deep.equal(['air', 'air'])
  })

  const twice = [Air, Air] as const
  const wrong: [title: string, make: () => unknown, words: RegExp][] = [
    [
      'a second definition of a name',
      () => commandBus(twice, { air: async () => 1 }),
      /air is defined twice/,
    ],
    ['a handler that is missing', () => commandBus([Air], {} as never), /air has no handler/],
    [
      'a handler that belongs to nothing',
      () => commandBus([Air], { air: async () => 1, heat: async () => 2 } as never),
      /the handler heat belongs to nothing/,
    ],
  ]
  for (const [title, make, words] of wrong)
    it(`refuses to be made with ${title}`, () => {
      expect(make).to.throw(words).with.property('code', 'handlers-invalid')
    })
})
