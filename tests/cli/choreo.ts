import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runLine } from '../../cli/run-line.ts'

/** How a command ended, and what it wrote. */
export type Ran = { code: number | null; out: string; err: string; json: unknown; lines: unknown[] }

/** The program of the command line. */
export const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const servers = ['AMQP_URL', 'RABBITMQ_MANAGEMENT_URL', 'MONGODB_URL', 'REDIS_URL']
const written: string[] = []

/** Everything that any command has written so far. */
export const allWritten = (): string => written.join('\n')

/**
 * The environment of this process without the servers of the test run, so that a command finds the local
 * system by itself.
 */
export const bareEnv = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const ours = Object.entries(process.env).filter(
    ([name]) => !servers.includes(name) && !name.startsWith('CHOREO_'),
  )
  return { ...Object.fromEntries(ours), ...more }
}

/** A command as a child process that still runs. */
export const start = (args: readonly string[], env: NodeJS.ProcessEnv, input = '') => {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', text => {
    out += text
  })
  child.stderr.on('data', text => {
    err += text
  })
  child.stdin.end(input)
  const ended = new Promise<Ran>(resolve => child.once('close', code => resolve(ranOf({ code, out, err }))))
  return { child, ended, out: () => out, err: () => err }
}

/** Runs a command as a process of its own to its end. */
export const runAlone = (args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Promise<Ran> =>
  start(args, env, input).ended

const neverAborted = new AbortController().signal

/** Runs a command to its end in this process, which saves what it takes to load the program. */
export const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> => {
  const [out, err] = [collecting(), collecting()]
  const input = Readable.from([]) as unknown as NodeJS.ReadStream
  const code = await runLine(args, { out, err, input, env, signal: neverAborted })
  return ranOf({ code, out: out.text(), err: err.text() })
}

const collecting = () => {
  let written = ''
  return {
    write: (text: string) => {
      written += text
    },
    text: () => written,
  }
}

const ranOf = ({ code, out, err }: Pick<Ran, 'code' | 'out' | 'err'>): Ran => {
  written.push(out, err)
  return { code, out, err, json: parsed(out), lines: out.trim().split('\n').map(parsed) }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
