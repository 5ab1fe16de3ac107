import { appendFile, copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { z } from 'zod'
import { groupCommit } from '../../../local/providers/group-commit.ts'
import type { AnsweredCall } from '../../../local/providers/ledger.ts'
import { openFileLedger } from '../../../local/providers/ledger-file.ts'
import { codeOf } from '../../../shared/runtime/errors.ts'

const answer = z.object({ outcome: z.string() })
type Answer = z.output<typeof answer>

const callOf = (key: string): AnsweredCall<Answer> => ({
  key,
  orderId: 'the order, ½ of it',
  kind: 'charge',
  amount: 5,
  at: 1,
  effect: true,
  answer: { outcome: 'captured' },
})

const codeRaisedBy = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    error => codeOf(error),
  )

describe('the ledger on disk', () => {
  let folder: string
  let file: string

  const keysIn = async (path = file) => {
    const ledger = await openFileLedger(path, answer)
    await ledger.close()
    return ledger.recovered.map(({ key }) => key)
  }
  const writeOneByOne = async (...keys: string[]) => {
    const ledger = await openFileLedger(file, answer)
    for (const key of keys) await ledger.append(callOf(key))
    await ledger.close()
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'choreo-ledger-'))
    file = join(folder, 'not', 'there', 'yet', 'ledger.jsonl')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('reads back what was appended, over several starts', async () => {
    await writeOneByOne('a', 'b')
    await writeOneByOne('c')
    const ledger = await openFileLedger(file, answer)
    expect(ledger.recovered).to.deep.equal(['a', 'b', 'c'].map(callOf))
    await ledger.close()
  })

  it('cuts off a last line that is torn at any byte, and goes on behind what is whole', async () => {
    await writeOneByOne('a', 'b')
    const whole = (await stat(file)).size
    await writeOneByOne('c')
    const torn = join(folder, 'torn.jsonl')
    for (let size = whole; size < (await stat(file)).size; size++) {
      await copyFile(file, torn)
      await truncate(torn, size)
      expect(await keysIn(torn), `cut at ${size}`).to.deep.equal(['a', 'b'])
      expect((await stat(torn)).size).to.equal(whole)
    }
    const ledger = await openFileLedger(torn, answer)
    await ledger.append(callOf('d'))
    await ledger.close()
    expect(await keysIn(torn)).to.deep.equal(['a', 'b', 'd'])
  })

  it('cuts off a last line of zeros, as a lost power supply leaves it', async () => {
    await writeOneByOne('a')
    await appendFile(file, Buffer.concat([Buffer.alloc(80), Buffer.from('\n')]))
    expect(await keysIn()).to.deep.equal(['a'])
  })

  it('refuses to start over a line in the middle that cannot be read, and leaves the file as it is', async () => {
    await writeOneByOne('a', 'b', 'c')
    const damaged = (await readFile(file, 'utf8')).replace('"b"', '?b?')
    await writeFile(file, damaged)
    const error = await openFileLedger(file, answer).catch(raised => raised)
    expect(String(error)).to.match(/server-failed: line 2 of .*ledger\.jsonl cannot be read/)
    expect(await readFile(file, 'utf8')).to.equal(damaged)
  })

  it('writes what comes at once together', async () => {
    const ledger = await openFileLedger(file, answer)
    await Promise.all(Array.from({ length: 500 }, (_, n) => ledger.append(callOf(`key-${n}`))))
    await ledger.close()
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).to.have.length(1)
    expect(await keysIn()).to.have.length(500)
  })

  it('finishes what was appended before it was closed, and refuses what comes later', async () => {
    const ledger = await openFileLedger(file, answer)
    const appended = ledger.append(callOf('a'))
    const closed = ledger.close()
    expect(await codeRaisedBy(ledger.append(callOf('b')))).to.equal('draining')
    await Promise.all([appended, closed])
    expect(await keysIn()).to.deep.equal(['a'])
  })
})

describe('a group commit', () => {
  it('gathers what comes during a write, keeps the order, and has one write at a time', async () => {
    const groups: number[][] = []
    let writing = 0
    const commit = groupCommit<number>(async group => {
      expect(++writing).to.equal(1)
      await turn()
      groups.push(group)
      writing--
    })
    const first = [commit.add(1), commit.add(2)]
    await turn()
    const later = [commit.add(3), commit.add(4)]
    await Promise.all([...first, ...later])
    await commit.add(5)
    expect(groups).to.deep.equal([[1, 2], [3, 4], [5]])
  })

  it('fails everything after one failed write', async () => {
    let writes = 0
    const commit = groupCommit<number>(async () => {
      writes++
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
    const outcomes = [codeRaisedBy(commit.add(1))]
    await turn()
    outcomes.push(codeRaisedBy(commit.add(2)))
    expect(await Promise.all(outcomes)).to.deep.equal(['ENOSPC', 'ENOSPC'])
    expect(await codeRaisedBy(commit.add(3))).to.equal('ENOSPC')
    expect(writes).to.equal(1)
    await commit.idle()
  })
})
