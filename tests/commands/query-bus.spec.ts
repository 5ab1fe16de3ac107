import { expect } from 'chai'
import { z } from 'zod'
import { defineQuery } from '../../shared/commands/define.ts'
import { queryBus } from '../../shared/commands/query-bus.ts'

const Count = defineQuery({
  name: 'count',
  schema: z.strictObject({ upTo: z.int().max(3) }),
  answer: z.custom<readonly string[]>(),
})
const sender = { actor: { name: 'ada', operator: true } }
const bus = queryBus([Count], {
  count: async ({ content }, { actor }) =>
    Array.from({ length: content.upTo }, (_, n) => `${actor.name} ${n + 1}`),
})

describe('a query bus', () => {
  it('answers a query by its handler, which knows who asks', async () => {
    expect(await bus.ask(Count, { content: { upTo: 2 } }, sender)).to.deep.equal({
      ...{ kind: 'answered', answer: ['ada 1', 'ada 2'] },
    })
  })

  it('names the fields that are wrong', async () => {
    expect(await bus.ask(Count, { content: { upTo: 4 } }, sender)).to.deep.equal({
      ...{ kind: 'invalid', errors: [{ field: 'upTo', expected: 'at most 3' }] },
    })
  })

  it('refuses to be made without a handler', () => {
    expect(() => queryBus([Count], {} as never))
      .to.throw(/count has no handler/)
      .with.property('code', 'handlers-invalid')
  })
})
