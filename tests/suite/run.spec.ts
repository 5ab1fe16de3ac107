import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { waitUntil } from '../../local/supervision/wait.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { runAll } from './run.ts'

const files: Readonly<Record<string, string>> = {
  passes: "it('passes', () => {}); it('waits')",
  fails: "describe('a sum', () => it('is right', () => { throw new Error('it is not') }))",
  crashes: "it('ends everything', () => process.exit(7))",
  'is broken': "import './nowhere.mjs'",
  'is alone': "it.only('is the only one', () => {})",
  'says a lot': "it('says', () => { process.stdout.write('before it '); console.error('and beside it') })",
  hangs:
    "import { writeFileSync } from 'node:fs'; it('hangs', () => { writeFileSync(STARTED, ''); return new Promise(() => {}) })",
}

describe('a run of spec files in a few processes', function () {
  this.timeout(60_000)
  const folder = tempFolder()
  const started = join(folder.path, 'started')
  const fileOf = (name: string) => join(folder.path, `${name}.spec.mjs`)
  before(() => {
    for (const [name, text] of Object.entries(files))
      writeFileSync(fileOf(name), text.replace('STARTED', JSON.stringify(started)))
  })
  after(() => folder.remove())

  const run = (batches: readonly (readonly string[])[], workers = 1) => {
    let output = ''
    const { results, stop } = runAll({
      ...{ batches, workers, fileOf, env: process.env },
      onReport: text => {
        output += text
      },
    })
    return { results, stop, output: () => output }
  }

  it('counts what passes and what is pending, and goes on after a failure', async () => {
    const results = await run([['fails'], ['passes']]).results
    expect(results.get('passes')).to.include({ passes: 1, pending: 1 }).and.deep.include({ failures: [] })
    const [failure, ...more] = results.get('fails')?.failures ?? []
    expect(failure).to.match(/1\) a sum\n +is right:\n+ +Error: it is not\n/)
    expect(more).to.deep.equal([])
  })

  for (const [name, what] of Object.entries({
    crashes: /crashes.spec.mjs:\n +the process that ran this file ended with 7/,
    'is broken': /is broken.spec.mjs cannot be loaded:\n +Error.*nowhere/,
    'is alone': /is alone.spec.mjs cannot be loaded:\n +Error.*\.only/i,
  }))
    it(`counts it as a failure of a file that it ${name}, and runs the others all the same`, async () => {
      const results = await run([[name], ['passes']]).results
      expect(results.get(name)?.failures).to.have.lengthOf(1)
      expect(results.get(name)?.failures[0]).to.match(what)
      expect(results.get('passes')).to.include({ passes: 1 })
    })

  it('tells of a file in one piece, with all that it wrote', async () => {
    const { results, output } = run([['says a lot'], ['passes']], 2)
    await results
    expect(output()).to.match(/before it .*and beside it\n +\S+ says\n/s)
    expect(output()).to.match(/\S+ passes\n +- waits\n/)
  })

  it('leaves out what has not begun when it is stopped, and ends what has', async () => {
    const { results, stop } = run([['hangs'], ['passes']])
    await waitUntil('it runs', async () => existsSync(started), { deadlineMs: 10_000 })
    stop()
    stop()
    expect([...(await results).keys()]).to.deep.equal(['hangs'])
  })
})
