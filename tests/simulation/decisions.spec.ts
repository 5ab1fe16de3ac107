import { expect } from 'chai'
import { playStuck } from './explore/stuck.ts'
import { runStuck } from './explore/workers.ts'
import { decisionMutants } from './mutants/decisions.ts'
import { mutated } from './mutants/mutate.ts'

const schedules = 1_500

/** What the schedules must have gone through, or their silence means nothing. */
const needed = [
  ...['decision resolved', 'decision otherwise', 'decision no-call', 'a decision was repeated'],
  ...['refunded', 'given back twice', 'conflict in payment'],
  ...['payment killed before commit', 'payment killed after commit'],
]

describe('the simulation of refunds that are refused for good', function () {
  this.timeout(300_000)

  it(`[I36] finds nothing wrong in ${schedules} schedules, and meets all that it should`, async () => {
    const sometimes = new Map<string, number>()
    for (let seed = 1; seed <= schedules; seed++) {
      const { violation } = await playStuck(seed, sometimes)
      if (violation)
        expect.fail(
          [`seed ${seed}`, violation.message, ...(await playStuck(seed, new Map(), true)).trace].join('\n'),
        )
    }
    expect(needed.filter(what => !sometimes.has(what))).to.deep.equal([])
  })

  for (const mutant of decisionMutants)
    it(`notices when the rule is taken out: ${mutant.name}`, async () => {
      const { folder, remove } = mutated(mutant)
      try {
        const killedAt = await runStuck(folder, schedules)
        expect(killedAt).to.not.equal(undefined)
      } finally {
        remove()
      }
    })
})
