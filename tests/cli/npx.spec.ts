import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { closeServer, listenAt } from '../../shared/runtime/http/listen.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { bareEnv } from './choreo.ts'

describe('the command line, found by npx', function () {
  this.timeout(60_000)
  const folder = tempFolder()
  const env = bareEnv({ CHOREO_DATA: folder.path })
  after(() => folder.remove())

  it('says what to do first in a checkout that was never started', () => {
    const cli = join(folder.path, 'checkout', 'cli')
    mkdirSync(cli, { recursive: true })
    cpSync(fileURLToPath(new URL('../../../cli/choreo.mjs', import.meta.url)), join(cli, 'choreo.mjs'))
    const { status, stderr } = spawnSync(process.execPath, [join(cli, 'choreo.mjs'), 'status'], {
      env,
      encoding: 'utf8',
    })
    expect(status).to.equal(3)
    expect(stderr).to.match(/npm packages are not installed\. Run `npm start` in .*checkout once/)
  })

  it('is found by npx in the project itself, without any network', function () {
    this.timeout(120_000)
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const away = { ...process.env, npm_config_registry: 'http://127.0.0.1:1', npm_config_offline: 'true' }
    const { status, stdout, stderr } = spawnSync('npx', ['--no', '--', 'choreo', 'flow', '--help'], {
      ...{ cwd: root, env: away, encoding: 'utf8' },
    })
    expect(stderr + stdout).to.match(/Usage: choreo flow|choreo cannot run: /)
    expect(stderr).to.not.match(/ENOTCACHED|ECONNREFUSED|could not determine executable/)
    expect([0, 3]).to.include(status)
  })

  it('runs nothing of others in a folder that is not the project, whatever the registry has', async function () {
    this.timeout(120_000)
    const asked: string[] = []
    const packument = {
      ...{ name: 'choreo', 'dist-tags': { latest: '9.9.9' } },
      versions: {
        '9.9.9': { name: 'choreo', version: '9.9.9', bin: 'x.js', dist: { tarball: 'http://127.0.0.1:1/x' } },
      },
    }
    const registry = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.end(JSON.stringify(packument))
    })
    const { port } = await listenAt(registry, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
    const away = {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}`,
      npm_config_cache: join(folder.path, 'npm'),
    }
    const ran = spawn('npx', ['--no', '--', 'choreo', 'status'], { cwd: tmpdir(), env: away })
    let said = ''
    ran.stderr.on('data', text => {
      said += text
    })
    const code = await new Promise(resolve => ran.once('close', resolve))
    registry.closeAllConnections()
    await closeServer(registry)
    expect(asked).to.deep.equal(['/choreo'])
    expect(said).to.match(/canceled/)
    expect(code).to.equal(1)
  })
})
