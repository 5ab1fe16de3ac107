import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { runScope } from './explore/workers.ts'
import { judgeAll } from './mutants/judge.ts'
import { mutants } from './mutants/mutants.ts'
import { mutated, textOf } from './mutants/mutate.ts'

const compiled = fileURLToPath(new URL('../../', import.meta.url))
/** Each takes seconds on an idle core (s). */
const deadline = 900
/** Most mutants fall within so many schedules; the others are for `npm run simulate`. */
const quickly = 2_000

describe('the rules of the production code, each of them taken out', function () {
  this.timeout(1_000_000)

  for (const name of ['one order', 'one order that is declined', 'one order and one duplicate'])
    it(`takes every choice that makes a difference, and finds nothing: ${name}`, async () => {
      const { found, complete } = await runScope(compiled, name, deadline)
      expect(found).to.equal(undefined)
      expect(complete).to.equal(true)
    })

  for (const [rule, scope] of [
    ['ack-first', 'one order and one crash'],
    ['no-payment-tombstone', 'one order and one cancel'],
    ['resend-nothing', 'one order and one lost answer'],
  ] as const)
    it(`finds by taking every choice that a rule is missing: ${rule}`, async () => {
      const mutant = mutants.find(one => one.name === rule)
      if (!mutant) expect.fail(`no mutant ${rule}`)
      const { folder, remove } = mutated(mutant)
      const { found } = await runScope(folder, scope, deadline).finally(remove)
      expect(found?.violation).to.be.a('string')
    })

  it('finds the text of every mutant exactly once', () => {
    for (const mutant of mutants) textOf(mutant)
    expect(new Set(mutants.map(({ name }) => name)).size).to.equal(mutants.length)
  })

  it(`notices every rule that is taken out, within ${quickly} schedules each`, async () => {
    const due = mutants.filter(({ tolerated, rare }) => !tolerated && !rare)
    const verdicts = await judgeAll(due, { seed: 1, limit: quickly, shorten: false })
    const unnoticed = verdicts.filter(({ killedAt }) => killedAt === undefined)
    expect(unnoticed.map(({ mutant }) => mutant.name)).to.deep.equal([])
    expect(verdicts).to.have.length(due.length)
  })
})
