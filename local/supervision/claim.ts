import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { SagaError } from '../../shared/runtime/errors.ts'
import { writeJson } from '../../system/json-file.ts'
import { readRunList } from '../../system/run-list.ts'
import { findRunning, holderFileOf } from '../../system/running.ts'
import { tryLock } from './locks.ts'
import { endProcessOf } from './owned-process.ts'

/** A data folder that is ours until `release`. */
export type Claim = {
  /** Its real path. */
  folder: string
  release(): void
}

/**
 * Takes the data folder for this process and ends what a killed supervisor left running in it.
 * @throws SagaError `already-running` with the pid of who has it
 */
export const claimFolder = async (path: string, say: (line: string) => void): Promise<Claim> => {
  mkdirSync(path, { recursive: true })
  const folder = realpathSync(path)
  const unlock = await tryLock(`data ${folder}`)
  if (!unlock) {
    const pid = findRunning(folder)?.pid
    throw new SagaError(
      'already-running',
      `a system runs from ${folder} already${pid ? `, pid ${pid}` : ''}`,
      {
        retry: 'never',
      },
    )
  }
  writeJson(holderFileOf(folder), { pid: process.pid })
  await endLeftovers(folder, say)
  return {
    folder,
    release: () => {
      rmSync(holderFileOf(folder), { force: true })
      unlock()
    },
  }
}

/** Services first: they still write to the servers while they drain. */
const endLeftovers = async (folder: string, say: (line: string) => void): Promise<void> => {
  for (const kind of ['service', 'provider', 'server'] as const) {
    const leftovers = readRunList(folder).filter(entry => entry.kind === kind)
    const ended = await Promise.all(leftovers.map(({ pid }) => pid !== null && endProcessOf(folder, pid)))
    for (const [i, { name, pid }] of leftovers.entries())
      if (ended[i]) say(`ended ${name} (pid ${pid}), left behind by a supervisor that was killed`)
  }
}
