import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { exploreAll, scopes } from './exhaustive.ts'
import { type Found, playSeed, replay } from './explore.ts'
import { mutants } from './mutants.ts'
import { mutated, textOf } from './mutate.ts'
import { drawScenario } from './scenario.ts'
import { runWorker } from './workers.ts'

const compiled = fileURLToPath(new URL('../../', import.meta.url))
const regressions = fileURLToPath(new URL('../../../tests/simulation/regressions/', import.meta.url))
/** `SIMULATED_SCHEDULES` asks for more, or for fewer on a small machine. */
const schedules = Number(process.env.SIMULATED_SCHEDULES ?? 20_000)

describe('the simulation of the production code', function () {
  this.timeout(600_000)

  it('plays the same schedule for the same seed, step by step', async () => {
    for (const seed of [3, 14, 15, 92, 65]) {
      const [one, other] = [await playSeed(seed, new Map()), await playSeed(seed, new Map())]
      expect(one.hash).to.equal(other.hash)
      expect(one.tape).to.deep.equal(other.tape)
      const again = await replay({ scenario: drawScenario(seed), tape: one.tape })
      expect(again.hash).to.equal(one.hash)
    }
  })

  it('finds nothing lost and nothing doubled in many schedules', async () => {
    const found: Found[] = []
    const job = (from: number) => ({
      folder: compiled,
      from,
      step: 2,
      count: schedules / 2,
      seconds: 90,
      stopAtFirst: true,
    })
    const ends = await Promise.all(
      [1, 2].map(from =>
        runWorker(job(from), report => report.kind === 'found' && report.found && found.push(report.found)),
      ),
    )
    if (found[0]) expect.fail([JSON.stringify(found[0]), ...(await replay(found[0])).trace].join('\n'))
    expect(ends.reduce((sum, end) => sum + end.schedules, 0)).to.be.greaterThan(0)
  })

  for (const file of readdirSync(regressions).filter(name => name.endsWith('.json')))
    it(`stays right in the schedule ${file.replace('.json', '')}`, async () => {
      const { violation, trace } = await replay(
        JSON.parse(readFileSync(join(regressions, file), 'utf8')) as Found,
      )
      expect(violation?.message, trace.join('\n')).to.equal(undefined)
    })

  it('takes every choice of the smallest scope for a while and finds nothing', async () => {
    const [smallest] = scopes
    if (!smallest) return
    expect((await exploreAll(smallest, 3_000)).found).to.equal(undefined)
  })

  it('finds the text of every mutant exactly once', () => {
    for (const mutant of mutants) textOf(mutant)
    expect(new Set(mutants.map(({ name }) => name)).size).to.equal(mutants.length)
  })

  for (const name of ['no-payment-tombstone', 'decide-beside-intent', 'ack-first'])
    it(`notices when a rule is taken out: ${name}`, async () => {
      const mutant = mutants.find(one => one.name === name)
      if (!mutant) expect.fail(`no mutant ${name}`)
      const { folder, remove } = mutated(mutant)
      const job = { folder, from: 1, step: 1, count: 2_000, seconds: 60, stopAtFirst: true }
      const end = await runWorker(job, () => {}).finally(remove)
      expect(end.violations).to.equal(1)
    })
})
