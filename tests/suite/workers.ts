import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { projectFolder } from '../../system/project.ts'
import type { SpecResult } from './results.ts'

const script = fileURLToPath(new URL('worker.js', import.meta.url))

/** A process that runs spec files one after the other. */
export type Worker = {
  /** Runs a compiled spec file to its end, or to that of the process. */
  run(file: string): Promise<Ran>
  /** Ends it with what its files shared; resolves with what it still wrote. */
  end(): Promise<string>
  /** Lets the test that runs come to its end, and ends it then; `SIGKILL` does not wait. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** What came of a spec file, with what was written meanwhile; `crashed` when its process is gone. */
export type Ran = { readonly result: SpecResult; readonly output: string; readonly crashed: boolean }

/** Its output is written to a file: so nothing of it is lost or late, whoever writes and however it ends. */
export const startWorker = (env: NodeJS.ProcessEnv): Worker => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-suite-'))
  const log = join(folder, 'output')
  const fd = openSync(log, 'a')
  const child = fork(script, process.stdout.isTTY ? ['color'] : [], {
    ...{ cwd: projectFolder, env, execArgv: ['--enable-source-maps'], stdio: ['ignore', fd, fd, 'ipc'] },
  })
  closeSync(fd)
  const gone = new Promise<string>(resolve => {
    child.once('error', ({ message }) => resolve(message))
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`))
  })
  let read = 0
  const written = (): string => {
    const all = readFileSync(log)
    const text = all.subarray(read).toString()
    read = all.length
    return text
  }
  return {
    run: async file => {
      const started = performance.now()
      const crash = gone.then(how => crashOf(file, how, (performance.now() - started) / 1_000))
      const ran = await Promise.race([resultOf(child, file), crash])
      return { ...ran, output: written() }
    },
    end: async () => {
      if (child.connected) child.disconnect()
      await gone
      const output = written()
      rmSync(folder, { recursive: true, force: true })
      return output
    },
    kill: signal => void child.kill(signal),
  }
}

type Outcome = Omit<Ran, 'output'>

const resultOf = (child: ChildProcess, file: string): Promise<Outcome> =>
  new Promise(resolve => {
    child.once('message', result => resolve({ result: result as SpecResult, crashed: false }))
    child.send(file, () => {})
  })

const crashOf = (file: string, how: string, seconds: number): Outcome => {
  const failures = [`  1) ${file}:\n     the process that ran this file ${how}\n`]
  return { result: { passes: 0, pending: 0, failures, seconds, computed: 0 }, crashed: true }
}
