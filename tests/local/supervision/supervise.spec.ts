import { join } from 'node:path'
import { expect } from 'chai'
import { startOwned } from '../../../local/supervision/owned-process.ts'
import { supervise } from '../../../local/supervision/supervise.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { openRunList, readRunList } from '../../../system/run-list.ts'
import { tempFolder } from '../stand-ins.ts'

const most = { int: (below: number) => below - 1, id: () => 'id' }

describe('supervision', function () {
  this.timeout(30_000)
  const folder = tempFolder()
  after(folder.remove)

  const watch = (name: string, script: string, ready = async () => true) => {
    const log = join(folder.path, `${name}.log`)
    const said: string[] = []
    const watcher = { list: openRunList(folder.path), random: most, say: (line: string) => said.push(line) }
    let starts = 0
    const start = () => {
      starts++
      return startOwned({
        ...{ name, folder: folder.path, logFile: log, env: process.env },
        ...{ command: process.execPath, args: ['-e', script] },
      })
    }
    const entry = { name, kind: 'service' as const, pid: null, port: 1, url: '', log }
    return {
      said,
      log,
      starts: () => starts,
      ...supervise({ name, log, entries: [entry], start, ready, graceMs: 2_000 }, watcher),
    }
  }
  const delays = (said: readonly string[]) =>
    said.flatMap(line => /again in (\d+) ms/.exec(line)?.[1] ?? []).map(Number)

  it('starts a process that keeps dying again and again, each time after a longer wait, and says how it died', async () => {
    const it = watch('crasher', 'setTimeout(() => process.exit(7), 50)')
    await it.up
    await waitUntil('three deaths', async () => delays(it.said).length >= 3, { deadlineMs: 20_000 })
    await it.stop()
    expect(it.said[0]).to.match(/^crasher died \(exit 7\); starting it again in \d+ ms, see .*crasher\.log$/)
    const waits = delays(it.said).slice(0, 3)
    expect(waits).to.deep.equal([...waits].sort((a, b) => a - b))
    expect(waits[2]).to.be.greaterThan(2 * (waits[0] ?? 0))
  })

  it('takes a dead process off the list until it runs again', async () => {
    const it = watch('lister', 'setInterval(() => {}, 1000)')
    await it.up
    const first = readRunList(folder.path)[0]?.pid ?? 0
    process.kill(first, 'SIGKILL')
    await waitUntil('it is gone', async () => readRunList(folder.path).length === 0, { deadlineMs: 5_000 })
    await waitUntil('it is back', async () => readRunList(folder.path).length === 1, { deadlineMs: 5_000 })
    expect(readRunList(folder.path)[0]?.pid).to.not.equal(first)
    await it.stop()
    expect(readRunList(folder.path)).to.deep.equal([])
  })

  it('fails the first start of a process that ends at once, with the last words of its log', async () => {
    const it = watch('invalid', `console.error('config-invalid: PORT'); process.exit(1)`, async () => false)
    const failed = await it.up.then(
      () => undefined,
      error => error,
    )
    await it.stop()
    expect(failed).to.include({ code: 'server-failed' })
    expect(failed.message).to.include('exit 1').and.include('config-invalid: PORT').and.include(it.log)
    expect(it.said).to.deep.equal([])
  })

  it('does not start again what was asked to stop, also between two starts', async () => {
    const it = watch('stopped', 'process.exit(1)')
    await it.up
    await waitUntil('a death', async () => it.said.length > 0, { deadlineMs: 5_000 })
    await it.stop()
    expect(it.starts()).to.equal(it.said.length)
  })
})
