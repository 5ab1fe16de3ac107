import { readFileSync } from 'node:fs'
import { isAlive } from '../system/process.ts'

const lookEveryMs = 1_000

/**
 * Calls `onGone` once when what started this process under `npm start` is gone: npm, or the shell between. A
 * supervisor's SIGTERM may reach those alone, and nobody is left then who could stop what runs. Whoever
 * starts the program by itself may leave it alone. The answer ends the watch.
 */
export const watchStarter = (env: NodeJS.ProcessEnv, onGone: () => void): (() => void) => {
  if (env.npm_lifecycle_event !== 'start') return () => {}
  const parent = process.ppid
  const starters = [parent, ...(isShell(parent) ? [parentOf(parent)] : [])].filter(pid => pid > 1)
  const timer = setInterval(() => {
    if (process.ppid === parent && starters.every(isAlive)) return
    clearInterval(timer)
    onGone()
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * The name of a program and its parent, as Linux reports them; nothing elsewhere, where the parent alone is
 * watched.
 */
const statOf = (pid: number): readonly [name: string, parent: number] => {
  try {
    const [, name = '', parent = '0'] =
      /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return [name, Number(parent)]
  } catch {
    return ['', 0]
  }
}

const isShell = (pid: number): boolean => /^(ba|da|z|k)?sh$/.test(statOf(pid)[0])
const parentOf = (pid: number): number => statOf(pid)[1]
