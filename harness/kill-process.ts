import { waitUntil } from '../local/supervision/wait.ts'
import { SagaError } from '../shared/runtime/errors.ts'
import { fetchDirectly } from '../shared/runtime/http/direct-fetch.ts'
import { isAlive } from '../system/process.ts'
import { type RunEntry, readRunList } from '../system/run-list.ts'

const entryOf = (folder: string, name: string): RunEntry | undefined =>
  readRunList(folder).find(entry => entry.name === name)

/**
 * The pid of what runs under this name in a data folder.
 * @throws SagaError `config-invalid` when nothing does that we may kill
 */
export const pidOf = (folder: string | undefined, name: string): number => {
  const { pid = null } = (folder && entryOf(folder, name)) || {}
  if (pid !== null && isAlive(pid)) return pid
  const run = folder ? readRunList(folder) : []
  const names = run.flatMap(entry => (entry.pid === null ? [] : [entry.name]))
  const known = names.join(', ') || 'nothing on this machine'
  throw new SagaError('config-invalid', `there is no ${name} to kill; what runs: ${known}`, {
    retry: 'never',
  })
}

/** Kills (SIGKILL) what runs under this name, and answers the pid that it had. */
export const killByName = (folder: string, name: string): number => {
  const pid = pidOf(folder, name)
  process.kill(pid, 'SIGKILL')
  return pid
}

/** Of the order service the public API is listed, which answers this alone without a key. */
const healthOf = ({ kind, name, url }: RunEntry): string | undefined => {
  if (kind === 'server') return undefined
  return name === 'order' ? `${url}/openapi.json` : `${url}/readyz`
}

/** Resolves with the new pid once the supervisor has started it again and it does its work. */
export const backAgain = async (folder: string, name: string, oldPid: number): Promise<number> => {
  let newPid = 0
  const isBack = async () => {
    const entry = entryOf(folder, name)
    if (!entry?.pid || entry.pid === oldPid || !isAlive(entry.pid)) return false
    newPid = entry.pid
    const health = healthOf(entry)
    return !health || (await fetchDirectly(health, { signal: AbortSignal.timeout(2_000) })).ok
  }
  await waitUntil(`${name}, started again`, isBack, { deadlineMs: 60_000 })
  return newPid
}
