import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { enough, missing } from './checks/sometimes.ts'
import { type Found, playSeed, replay } from './explore/explore.ts'
import { playMany } from './explore/fleet.ts'
import { drawScenario } from './scenarios/draw-scenario.ts'

const compiled = fileURLToPath(new URL('../../', import.meta.url))
const regressions = fileURLToPath(new URL('../../../tests/simulation/regressions/', import.meta.url))
/** `SIMULATED_SCHEDULES` asks for more, or for fewer on a small machine. */
const schedules = Number(process.env.SIMULATED_SCHEDULES ?? 20_000)
/** A hundred thousand take three minutes on two cores that do nothing else (s). */
const deadline = 1_500

describe('the simulation of the production code', function () {
  this.timeout(1_600_000)

  it('plays the same schedule for the same seed, step by step', async () => {
    for (const seed of [3, 14, 15, 92, 65]) {
      const [one, other] = [await playSeed(seed, new Map()), await playSeed(seed, new Map())]
      expect(one.hash).to.equal(other.hash)
      expect(one.tape).to.deep.equal(other.tape)
      const again = await replay({ scenario: drawScenario(seed), tape: one.tape })
      expect(again.hash).to.equal(one.hash)
    }
  })

  it(`finds nothing lost and nothing doubled in ${schedules} schedules, and meets all that it should`, async () => {
    const found: Found[] = []
    const started = performance.now()
    const campaign = { folder: compiled, seed: 1, schedules, seconds: deadline, stopAtFirst: true }
    const sums = await playMany(campaign, { onFound: one => void found.push(one) })
    if (found[0]) expect.fail([JSON.stringify(found[0]), ...(await replay(found[0])).trace].join('\n'))
    const seconds = Math.round((performance.now() - started) / 1_000)
    process.stdout.write(`      ${sums.schedules} schedules, ${sums.steps} steps, ${seconds} s\n`)
    expect(sums.schedules).to.be.at.least(schedules)
    if (schedules >= enough) expect(missing(sums.sometimes)).to.deep.equal([])
  })

  for (const file of readdirSync(regressions).filter(name => name.endsWith('.json')))
    it(`stays right in the schedule ${file.replace('.json', '')}`, async () => {
      const { violation, trace } = await replay(
        JSON.parse(readFileSync(join(regressions, file), 'utf8')) as Found,
      )
      expect(violation?.message, trace.join('\n')).to.equal(undefined)
    })
})
