import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { rabbitMqRoot, whyNoRoot } from '../../../local/servers/rabbitmq-root.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { projectFolder } from '../../../system/project.ts'
import { until } from '../../messaging/messages.ts'
import { mountsWith, processesWith, tempFolder } from '../stand-ins.ts'

const able = { platform: 'linux', isRoot: true, isThere: false, allowed: undefined } as const

describe('a root folder with RabbitMQ 4', () => {
  it('can be had by root on Linux', () => {
    expect(whyNoRoot(able)).to.equal(undefined)
  })

  for (const [fact, facts, says] of [
    ['another system', { platform: 'darwin' }, 'darwin'],
    ['no root', { isRoot: false }, 'only root'],
    ['CHOREO_INSTALL=never', { allowed: 'never' }, 'CHOREO_INSTALL=never'],
  ] as const)
    it(`cannot be had with ${fact}, and says so`, () => {
      expect(whyNoRoot({ ...able, ...facts })).to.include(says)
    })

  it('is asked for its version, and no process of it stays', async function () {
    const root = process.env.CHOREO_RABBITMQ_ROOT
    if (!root || basename(root) !== 'rabbitmq-sid') this.skip()
    this.timeout(30_000)
    const mark = systemRandom.id()
    process.env.CHOREO_TEST_MARK = mark
    const { version } = await rabbitMqRoot(() => {}, dirname(root))
    delete process.env.CHOREO_TEST_MARK
    expect(version).to.match(/^4\.\d+\.\d+$/)
    await until('the end of all of it', () => processesWith(mark).length === 0)
  })

  it('is used with CHOREO_INSTALL=never when it is there', () => {
    expect(whyNoRoot({ ...able, allowed: 'never', isThere: true })).to.equal(undefined)
  })
})

// Makes a root folder that has a shell and the one program that is asked; mounts something there, as
// debootstrap does.
const debootstrap = `#!/bin/sh
set -e
for target; do :; done
echo "$$" >>"$STAND_IN_JOURNAL"
if [ "$STAND_IN_FAILS" ]; then echo 'E: Failed getting release file' && exit 1; fi
mkdir -p "$target/etc" "$target/proc" "$target/dev" "$target/mnt" "$target/usr/bin"
mount -t tmpfs none "$target/proc"
echo begun >"$STAND_IN_JOURNAL.begun"
if [ "$STAND_IN_HANGS" ]; then sleep 600 & wait; fi
while [ "$STAND_IN_GATE" ] && [ ! -e "$STAND_IN_GATE" ]; do sleep 0.05; done
for file in /bin/sh $(ldd /bin/sh | grep -o '/[^ ]*'); do
  mkdir -p "$target$(dirname "$file")"
  cp -L "$file" "$target$file"
done
printf '#!/bin/sh\\n' >"$target/usr/bin/erl"
chmod 755 "$target/usr/bin/erl"
mkdir -p "$target/usr/lib/rabbitmq/lib/rabbitmq_server-4.3.99"
umount "$target/proc"
`

const asking = `
import { rabbitMqRoot } from '${pathToFileURL(join(projectFolder, 'dist', 'local', 'servers', 'rabbitmq-root.js'))}'
const say = line => process.stdout.write(line + '\\n')
rabbitMqRoot(say, process.argv[1]).then(({ version }) => say('has ' + version), error => say(error.message))
`

describe('fetching a root folder', function () {
  this.timeout(30_000)
  const folder = tempFolder()
  const [cache, tools, journal] = ['cache', 'tools', 'journal'].map(name => join(folder.path, name)) as [
    ...[string, string, string],
  ]
  before(function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) this.skip()
    mkdirSync(tools)
    writeFileSync(join(tools, 'debootstrap'), debootstrap)
    chmodSync(join(tools, 'debootstrap'), 0o755)
  })
  after(folder.remove)

  /** A process that asks for the root folder of `cache`, and what it says. */
  const ask = (more: Record<string, string> = {}) => {
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}`, STAND_IN_JOURNAL: journal, ...more }
    const { CHOREO_INSTALL: _, ...rest } = env as Record<string, string>
    const args = ['--input-type=module', '-e', asking, cache]
    const child = spawn(process.execPath, args, { env: rest, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', text => {
      said += text
    })
    const ended = new Promise<string>(resolve => child.once('close', () => resolve(said)))
    return { child, ended, isWaiting: () => said.includes('waiting for it') }
  }
  const fetches = () => readFileSync(journal, 'utf8').trim().split('\n').length
  const root = join(cache, 'rabbitmq-sid')
  const mounted = () => mountsWith(folder.path).length > 0
  const working = () => processesWith(journal)

  it('says why when it fails, and counts nothing as fetched', async () => {
    const said = await ask({ STAND_IN_FAILS: '1' }).ended
    expect(said).to.include('install-failed').and.to.include('cannot be reached')
    expect(existsSync(root)).to.equal(false)
  })

  it('leaves no process, no mount and nothing that counts when it is killed', async () => {
    const { child, ended } = ask({ STAND_IN_HANGS: '1' })
    await until('it is under way', () => existsSync(`${journal}.begun`))
    expect(working()).to.have.lengthOf.above(1)
    child.kill('SIGKILL')
    await ended
    await until('the end of all of it', () => working().length === 0)
    expect([mounted(), existsSync(root)]).to.deep.equal([false, false])
  })

  it('is done once by several at a time, after one that was cut off, and never again', async () => {
    const before = fetches()
    const gate = join(folder.path, 'gate')
    const asked = [1, 2, 3].map(() => ask({ STAND_IN_GATE: gate }))
    await until('one fetches and the others wait', () => asked.filter(one => one.isWaiting()).length === 2)
    writeFileSync(gate, '')
    const said = await Promise.all(asked.map(({ ended }) => ended))
    expect(said.map(text => text.trim().split('\n').at(-1))).to.deep.equal(Array(3).fill('has 4.3.99'))
    expect(await ask().ended).to.equal('has 4.3.99\n')
    expect(fetches() - before).to.equal(1)
    expect(mounted()).to.equal(false)
  })
})
