import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { check, checks, gate, nextRelease } from './next-release.ts'
import { edited, pageSteps } from './page-steps.ts'
import { copyOf, type Outcome, type Sources } from './sources.ts'

const { edits, scripts, omissions } = pageSteps()

describe('the page about a new version of an event', function () {
  this.timeout(300_000)
  let next: Sources
  let trial: Sources

  before(async () => {
    next = await nextRelease()
    trial = copyOf(next)
  })
  after(() => trial?.remove())

  it('has a row for everything that can be left out, but for the schema itself', () => {
    const steps = new Set([...edits.map(({ step }) => step), ...scripts.map(script => `npm run ${script}`)])
    steps.delete('the schema')
    expect([...omissions.keys()]).to.have.members([...steps])
  })

  it('leads to a release with the new version published and recorded, and the old ones as they were', () => {
    for (const version of ['v2', 'v3'])
      for (const folder of ['docs/reference/schemas', 'tests/contract/golden'])
        expect(existsSync(join(next.folder, folder, `order.placed.${version}.json`)), version).to.equal(true)
  })

  it('leads to a release whose own checks pass', async () => {
    const { ok, output } = await check(next, checks)
    expect(ok, output).to.equal(true)
    expect(output).to.match(/order\.placed\.v3\.json/)
  })

  /** The steps of the page without one, up to the first check that fails. */
  const without = async (step: string): Promise<Outcome> => {
    trial.undo(edits)
    trial.make(edits.filter(edit => edit.step !== step))
    const compiled = await trial.run('npm', 'run', 'build')
    if (!compiled.ok) return compiled
    for (const script of scripts.filter(name => `npm run ${name}` !== step)) await scriptOf(script)
    return check(trial, gate)
  }
  /** What the script does once it has compiled, which is done. */
  const scriptOf = (name: string) =>
    trial.run(
      process.execPath,
      name === 'record' ? 'dist/tests/contract/record.js' : 'dist/reference/generate.js',
    )

  for (const [step, says] of omissions)
    it(`says rightly what fails when this is left out: ${step}`, async () => {
      const { ok, output } = await without(step)
      expect(ok, 'nothing failed').to.equal(false)
      for (const text of says) expect(output).to.include(text)
    })

  it('is not followed where the code no longer is as it says', () => {
    const [edit] = edits
    if (!edit) throw new Error('the page changes nothing')
    expect(() => edited('something else\n', edit)).to.throw(RangeError, edit.step)
    expect(() => edited(`${edit.before}\n${edit.before}\n`, edit)).to.throw(RangeError, '2 times')
    expect(edited(`a\n${edit.before}\nb\n`, edit)).to.equal(`a\n${edit.after}\nb\n`)
  })
})
