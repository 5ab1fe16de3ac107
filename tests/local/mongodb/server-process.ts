import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The embedded server as a process of its own, on a free port. */
export type ServerProcess = {
  url: string
  /** What it logged first, as JSON. */
  ready: Record<string, unknown>
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): void
  /** Its exit code, null when a signal ended it. */
  ended: Promise<number | null>
}

const main = fileURLToPath(new URL('../../../local/mongodb/main.js', import.meta.url))
const running = new Set<ChildProcess>()

/** Ends what a failed test left behind. */
export const endServers = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

/** Starts the server on a folder; `fileSizeLimit` (KiB) lets the disk refuse writes beyond it. */
export const startProcess = async (folder: string, fileSizeLimit?: number): Promise<ServerProcess> => {
  const args = [main, '--folder', folder, '--port', '0']
  const limited = ['-c', `ulimit -f ${fileSizeLimit}; exec "$0" "$@"`, process.execPath, ...args]
  const [command, own] = fileSizeLimit === undefined ? [process.execPath, args] : ['bash', limited]
  const child = spawn(command, own, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = JSON.parse(line)
    if (ready.port === undefined) continue
    child.stdout.resume()
    return { url: `mongodb://127.0.0.1:${ready.port}`, ready, kill: signal => child.kill(signal), ended }
  }
  throw new Error('the server ended before it was ready')
}
