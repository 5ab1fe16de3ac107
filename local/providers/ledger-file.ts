import { writeSync } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { SagaError } from '../../shared/runtime/errors.ts'
import { groupCommit } from './group-commit.ts'
import { type AnsweredCall, type Ledger, LedgerEntry } from './ledger.ts'

/** A ledger on disk. `close` waits for what is being written; what comes later fails with `draining`. */
export type FileLedger<Answer> = Ledger<Answer> & { close(): Promise<void> }

/**
 * Opens or creates the ledger in `file`. Each line is one write, a JSON array of the calls that were answered
 * together, and is on disk before any of them is answered; so a last line that is torn was never answered,
 * and is cut off. One process at a time. After a failed write every later one fails too: only a restart can
 * show what the disk holds.
 * @throws SagaError `server-failed` when a line before the last cannot be read.
 */
export const openFileLedger = async <Answer>(
  file: string,
  answer: z.ZodType<Answer>,
): Promise<FileLedger<Answer>> => {
  await mkdir(dirname(file), { recursive: true })
  const handle = await open(file, 'a+')
  const recovered = await recover(handle, answer, file).catch(async error => {
    await handle.close()
    throw error
  })
  const commits = groupCommit<AnsweredCall<Answer>>(async group => {
    writeWhole(handle.fd, Buffer.from(`${JSON.stringify(group)}\n`))
    await handle.datasync()
  })
  let closed = false
  return {
    recovered,
    append: async call => {
      if (closed) throw new SagaError('draining', 'the ledger is closed')
      await commits.add(call)
    },
    close: async () => {
      closed = true
      await commits.idle()
      await handle.close()
    },
  }
}

// In this thread: it is a copy in memory, and to hand it to another thread costs more. The sync, which waits
// for the disk, is not.
const writeWhole = (fd: number, bytes: Buffer) => {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}

const newline = 0x0a

const recover = async <Answer>(handle: FileHandle, answer: z.ZodType<Answer>, file: string) => {
  const { calls, intact } = wholeLines(await handle.readFile(), answer, file)
  await handle.truncate(intact)
  await handle.sync()
  await syncFolder(dirname(file))
  return calls
}

const wholeLines = <Answer>(bytes: Buffer, answer: z.ZodType<Answer>, file: string) => {
  const read = lineReader(answer)
  const calls: AnsweredCall<Answer>[] = []
  let intact = 0
  for (let number = 1; ; number++) {
    const end = bytes.indexOf(newline, intact)
    if (end < 0) break
    const line = read(bytes.toString('utf8', intact, end))
    if (!line && bytes.indexOf(newline, end + 1) >= 0) throw damaged(file, number)
    if (!line) break
    for (const call of line) calls.push(call)
    intact = end + 1
  }
  return { calls, intact }
}

const lineReader = <Answer>(answer: z.ZodType<Answer>) => {
  const line = z.array(z.object({ ...LedgerEntry.unwrap().shape, effect: z.boolean(), answer }))
  return (text: string): AnsweredCall<Answer>[] | undefined => {
    try {
      return line.parse(JSON.parse(text))
    } catch {
      return undefined
    }
  }
}

const damaged = (file: string, line: number) =>
  new SagaError('server-failed', `line ${line} of ${file} cannot be read; restore it or start empty`, {
    retry: 'never',
  })

/** A new file survives a power loss only when its folder's entry is on disk too. */
const syncFolder = async (folder: string) => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
