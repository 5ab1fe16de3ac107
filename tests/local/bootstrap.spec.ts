import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect } from 'chai'
import { projectFolder } from '../../system/project.ts'
import { bareEnv } from '../cli/choreo.ts'
import { tempFolder } from './stand-ins.ts'

describe('what `npm start` and its likes run first', function () {
  this.timeout(30_000)
  const folder = tempFolder()
  const noted = join(folder.path, 'npm-was-run')
  after(() => folder.remove())

  before(() => {
    const local = join(folder.path, 'local')
    mkdirSync(local)
    for (const file of readdirSync(join(projectFolder, 'local')).filter(name => name.endsWith('.mjs')))
      cpSync(join(projectFolder, 'local', file), join(local, file))
    for (const [name, text] of [
      ['package.json', '{ "type": "module" }'],
      ['package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } })],
      ['npm', `#!/bin/sh\ntouch '${noted}'\nexit 1\n`],
    ] as const)
      writeFileSync(join(folder.path, name), text)
    chmodSync(join(folder.path, 'npm'), 0o755)
  })

  const start = (more: NodeJS.ProcessEnv) => {
    const path = [folder.path, process.env.PATH].join(delimiter)
    const env = { ...bareEnv({ PATH: path }), npm_execpath: '', ...more }
    const how = { env, encoding: 'utf8' as const, cwd: folder.path }
    return spawnSync(process.execPath, ['local/bootstrap.mjs', 'start'], how)
  }

  for (const [name, value, expected] of [
    ['CHOREO_INSTALL', 'no', 'never'],
    ['CHOREO_DOCKER', 'off', 'never'],
    ['CHOREO_PROCESS', 'many', 'one'],
  ] as const)
    it(`refuses ${name}=${value} before it does anything, and says what may be there`, () => {
      const { status, stderr } = start({ [name]: value })
      expect([status, stderr]).to.deep.equal([
        2,
        `${name} is "${value}", and may be ${expected}, or not be set.\n`,
      ])
      expect(existsSync(noted)).to.equal(false)
    })

  it('installs no npm packages with CHOREO_INSTALL=never, and says which command would', () => {
    const { status, stderr } = start({ CHOREO_INSTALL: 'never' })
    expect([status, existsSync(noted)]).to.deep.equal([1, false])
    expect(stderr).to.match(/npm packages .* CHOREO_INSTALL=never: run `npm ci --include=dev` yourself/)
  })

  it('takes npm packages that somebody installed by hand', () => {
    mkdirSync(join(folder.path, 'node_modules'))
    const installed = { packages: { 'node_modules/a': { version: '1.0.0' } } }
    writeFileSync(join(folder.path, 'node_modules', '.package-lock.json'), JSON.stringify(installed))
    const { stderr } = start({ CHOREO_INSTALL: 'never' })
    // Nothing compiles here; what matters is that it came that far.
    expect(stderr).to.match(/The sources do not compile/)
    expect(existsSync(noted)).to.equal(false)
  })

  it('installs them otherwise', () => {
    writeFileSync(join(folder.path, 'node_modules', '.package-lock.json'), '{}')
    expect(start({}).status).to.equal(1)
    expect(existsSync(noted)).to.equal(true)
  })
})
