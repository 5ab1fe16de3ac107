import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { tempFolder } from '../../local/stand-ins.ts'

const program = new URL('../../../shared/runtime/lifecycle/program.js', import.meta.url).href
const source = `
import { asProgram } from ${JSON.stringify(program)}
export const ours = await asProgram(import.meta.url, 'any', async () => [])
`

describe('a program', () => {
  const folder = tempFolder()
  before(() => {
    mkdirSync(join(folder.path, 'release-7'))
    writeFileSync(join(folder.path, 'release-7', 'main.mjs'), source)
    writeFileSync(join(folder.path, 'other.mjs'), "import './release-7/main.mjs'\n")
    symlinkSync('release-7', join(folder.path, 'current'))
  })
  after(() => folder.remove())

  const outputOf = async (...path: string[]) =>
    (await promisify(execFile)(process.execPath, [join(folder.path, ...path)])).stdout

  it('runs when its module is the one that was started', async () => {
    expect(await outputOf('release-7', 'main.mjs')).to.include('"message":"started"')
  })

  it('runs also when it was started through a link, as a release is', async () => {
    expect(await outputOf('current', 'main.mjs')).to.include('"message":"started"')
  })

  it('is only a module when another one was started', async () => {
    expect(await outputOf('other.mjs')).to.equal('')
  })
})
