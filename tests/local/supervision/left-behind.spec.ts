import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { claimFolder } from '../../../local/supervision/claim.ts'
import { startOwned } from '../../../local/supervision/owned-process.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { environmentOf, isAlive } from '../../../system/process.ts'
import { type RunEntry, runFileOf } from '../../../system/run-list.ts'
import { findRunning } from '../../../system/running.ts'
import { tempFolder } from '../stand-ins.ts'

const idle = 'setInterval(() => {}, 1000)'

/** A process as a supervisor that was killed on a machine without `setpriv` leaves it. */
const orphan = async (owner: string): Promise<ChildProcess & { pid: number }> => {
  const env = { ...process.env, CHOREO_OWNED_AS: owner }
  const child = spawn(process.execPath, ['-e', idle], { env, detached: true, stdio: 'ignore' })
  await new Promise(resolve => child.once('spawn', resolve))
  const pid = child.pid ?? 0
  // The kernel shows an environment only some moments after the start.
  const shows = async () => environmentOf(pid)?.includes(`CHOREO_OWNED_AS=${owner}`) ?? false
  await waitUntil('the orphan', shows, { deadlineMs: 5_000 })
  return Object.assign(child, { pid })
}

const listed = (folder: string, pids: readonly number[]): void => {
  const entries = pids.map(
    (pid, i): RunEntry => ({ name: `p${i}`, kind: 'service', pid, port: 1, url: '', log: null }),
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(runFileOf(folder), JSON.stringify(entries))
}

describe('what a killed supervisor left behind', function () {
  this.timeout(20_000)
  const folder = tempFolder()
  after(folder.remove)

  it('is ended by the next start, while a stranger that was given the same pid is left alone', async () => {
    const ours = await orphan(join(folder.path, 'pids', 'order'))
    const stranger = await orphan('/somewhere/else/order')
    listed(folder.path, [ours.pid, stranger.pid])
    const said: string[] = []
    const claim = await claimFolder(folder.path, line => said.push(line))
    expect(isAlive(ours.pid)).to.equal(false)
    expect(isAlive(stranger.pid)).to.equal(true)
    expect(said).to.deep.equal([`ended p0 (pid ${ours.pid}), left behind by a supervisor that was killed`])
    stranger.kill('SIGKILL')
    claim.release()
  })

  it('does not keep the folder: only a live process has it', async () => {
    expect(findRunning(folder.path)).to.equal(undefined)
    const claim = await claimFolder(folder.path, () => {})
    expect(findRunning(folder.path)).to.include({ pid: process.pid })
    const refused = await claimFolder(folder.path, () => {}).catch(error => error)
    expect(refused).to.include({ code: 'already-running' })
    claim.release()
    expect(findRunning(folder.path)).to.equal(undefined)
    ;(await claimFolder(folder.path, () => {})).release()
  })

  it('ends by itself on Linux, with the process that started it', async function () {
    if (process.platform !== 'linux') return this.skip()
    const main = join(folder.path, 'parent.mjs')
    const module = new URL('../../../local/supervision/owned-process.js', import.meta.url).href
    const options = { name: 'child', folder: folder.path, command: process.execPath, args: ['-e', idle] }
    const logFile = join(folder.path, 'child.log')
    writeFileSync(
      main,
      `import { startOwned } from ${JSON.stringify(module)}
       const child = await startOwned({ ...${JSON.stringify({ ...options, logFile })}, env: process.env })
       process.stdout.write(String(child.pid))
       setInterval(() => {}, 1000)`,
    )
    const parent = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)))
    // Until it has become the program itself it is not tied to its parent yet.
    const isProgram = async () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(process.execPath)
    await waitUntil('the child', isProgram, { deadlineMs: 10_000 })
    parent.kill('SIGKILL')
    await waitUntil('the end of the child', async () => !isAlive(pid), { deadlineMs: 10_000 })
  })
})

describe('a process of ours', () => {
  const folder = tempFolder()
  after(folder.remove)
  const start = (script: string) =>
    startOwned({
      ...{ name: 'it', folder: folder.path, logFile: join(folder.path, 'it.log'), env: process.env },
      ...{ command: process.execPath, args: ['-e', script] },
    })

  it('that ignores SIGTERM is killed when its grace is over', async () => {
    const stubborn = await start(`process.on('SIGTERM', () => {}); process.stdout.write('up'); ${idle}`)
    const isUp = async () => readFileSync(join(folder.path, 'it.log'), 'utf8').includes('up')
    await waitUntil('it', isUp, { deadlineMs: 5_000 })
    await stubborn.stop(300)
    expect(stubborn.ended()).to.include({ signal: 'SIGKILL' })
    expect(isAlive(stubborn.pid)).to.equal(false)
  })

  it('that cannot be started is a server-failed that names it', async () => {
    const failed = await startOwned({
      ...{ name: 'ghost', folder: folder.path, logFile: join(folder.path, 'ghost.log'), env: process.env },
      ...{ command: join(folder.path, 'no-such-program'), args: [] },
    }).then(
      process => process.exited,
      error => error,
    )
    expect(failed.code === 'server-failed' || failed.code === 127).to.equal(true)
  })
})
