import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** An embedded MongoDB server with a folder of its own; `stop` takes the folder away. */
export type EmbeddedServer = { readonly url: string; cpuSeconds(): number; stop(): Promise<void> }

/** Starts the embedded MongoDB server in a process of its own. */
export const startEmbeddedServer = async (): Promise<EmbeddedServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-bench-mongodb-'))
  const main = fileURLToPath(new URL('../../local/mongodb/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, '--folder', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    url: `mongodb://127.0.0.1:${JSON.parse(line).port}`,
    cpuSeconds: () => cpuOf(child.pid),
    stop: () => stop(child, folder),
  }
}

const stop = async (child: ChildProcess, folder: string) => {
  child.kill('SIGTERM')
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
}

// User and system time of a process in seconds, as Linux counts it in ticks of 10 ms.
const cpuOf = (pid: number | undefined): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
