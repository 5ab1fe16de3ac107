import { expect } from 'chai'
import { foundIn, playSeed, replay } from './explore.ts'
import { drawScenario } from './scenario.ts'

describe('the simulation of the production code', function () {
  this.timeout(170_000)

  it('plays the same schedule for the same seed, step by step', async () => {
    for (const seed of [3, 14, 15, 92, 65]) {
      const [one, other] = [await playSeed(seed, new Map()), await playSeed(seed, new Map())]
      expect(one.hash).to.equal(other.hash)
      expect(one.tape).to.deep.equal(other.tape)
      const again = await replay({ scenario: drawScenario(seed), tape: one.tape })
      expect(again.hash).to.equal(one.hash)
    }
  })

  it('finds nothing lost and nothing doubled in any schedule', async () => {
    const sometimes = new Map<string, number>()
    for (let seed = 1; seed <= 1_000; seed++) {
      const result = await playSeed(seed, sometimes)
      if (result.violation) expect.fail(await explained(seed, result))
    }
  })
})

const explained = async (seed: number, result: Awaited<ReturnType<typeof playSeed>>): Promise<string> => {
  const found = await foundIn(seed, result)
  const timeline = found ? (await replay(found)).trace : []
  return [`${result.violation?.message}`, JSON.stringify(found), ...timeline].join('\n')
}
