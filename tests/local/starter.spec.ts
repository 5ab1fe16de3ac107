import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { waitUntil } from '../../local/supervision/wait.ts'
import { isAlive, signal } from '../../system/process.ts'
import { tempFolder } from './stand-ins.ts'

const starter = fileURLToPath(new URL('../../local/starter.js', import.meta.url))

describe('a system whose starter is gone', function () {
  this.timeout(30_000)
  const folder = tempFolder()
  const main = join(folder.path, 'system.mjs')
  const npm = join(folder.path, 'npm.mjs')
  const left: number[] = []

  before(() => {
    writeFileSync(
      main,
      `import { watchStarter } from '${starter}'
      setInterval(() => console.log('at work'), 500)
      watchStarter(process.env, () => { console.log('gone'); process.exit(0) })
      console.log('up ' + process.pid + ' below ' + process.ppid)`,
    )
    // As npm does: a shell that is waited for, and the program below it.
    writeFileSync(
      npm,
      `import { spawn } from 'node:child_process'
      const shell = spawn('sh', ['-c', '"$@"; true', 'sh', process.execPath, '${main}'], { stdio: 'inherit' })
      shell.on('exit', () => process.exit(143))`,
    )
  })
  after(() => {
    for (const pid of left.filter(isAlive)) signal(pid, 'SIGKILL')
    folder.remove()
  })

  const started = async (event: string) => {
    const env = { ...process.env, npm_lifecycle_event: event }
    const child = spawn(process.execPath, [npm], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', text => {
      out += text
    })
    await waitUntil('it is up', async () => out.includes('up'), { deadlineMs: 20_000 })
    const [pid = 0, shell = 0] = (/up (\d+) below (\d+)/.exec(out) ?? []).slice(1).map(Number)
    left.push(pid, shell)
    return { npm: child.pid ?? 0, shell, pid, out: () => out }
  }

  for (const [who, name] of [
    ['shell', 'SIGTERM'],
    ['npm', 'SIGKILL'],
  ] as const)
    it(`ends when its ${who} gets a ${name}, and says so`, async () => {
      const running = await started('start')
      expect(isAlive(running.pid)).to.equal(true)
      signal(running[who], name)
      await waitUntil('it has ended', async () => !isAlive(running.pid), { deadlineMs: 10_000 })
      expect(running.out()).to.match(/gone\n$/)
    })

  it('stays when it was not `npm start` that began it', async () => {
    const running = await started('other')
    signal(running.shell, 'SIGTERM')
    await waitUntil('its shell has ended', async () => !isAlive(running.shell), { deadlineMs: 10_000 })
    const turns = () => running.out().split('at work').length
    const before = turns()
    // Longer than a watch would take to look.
    await waitUntil('it goes on working', async () => turns() > before + 4, { deadlineMs: 10_000 })
    expect(running.out()).to.not.include('gone')
  })
})
