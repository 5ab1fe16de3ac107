import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'node:util'
import Mocha from 'mocha'
import { projectFolder } from '../../system/project.ts'
import { mochaGlobalTeardown } from '../end-of-run.ts'
import type { SpecResult } from './results.ts'

/**
 * Runs spec files one after the other in this process, each named by a message; what they share goes on until
 * the messages end.
 */
const options = JSON.parse(readFileSync(join(projectFolder, '.mocharc.json'), 'utf8')) as Mocha.MochaOptions
const { Base, Spec } = Mocha.reporters
const [color] = process.argv.slice(2)
Base.useColors = color === 'color'

/** The report of a file without a summary: there is one for the whole run. */
class FileReport extends Spec {
  override epilogue(): void {}
}

/** How mocha would list these failures, a text each. */
const textsOf = (failures: Mocha.Test[]): string[] => {
  const texts: string[] = []
  const { consoleLog } = Base
  Base.consoleLog = (...args: unknown[]) => void texts.push(format(...args))
  Base.list(failures)
  Base.consoleLog = consoleLog
  return texts.filter(text => text !== '')
}

let running: Mocha.Runner | undefined

const run = async (file: string): Promise<Omit<SpecResult, 'seconds' | 'computed'>> => {
  const mocha = new Mocha({ ...options, reporter: FileReport }).addFile(file)
  await mocha.loadFilesAsync()
  const failures: Mocha.Test[] = []
  return new Promise(resolve => {
    running = mocha.run(() => {
      const { passes = 0, pending = 0 } = running?.stats ?? {}
      running = undefined
      resolve({ passes, pending, failures: textsOf(failures) })
    })
    running.on('fail', test => failures.push(test))
  })
}

/** A file that cannot even be loaded has failed, too. */
const unloaded = (file: string) => (error: Error) => {
  const failures = [`  1) ${file} cannot be loaded:\n     ${error.stack ?? error.message}\n`]
  return { passes: 0, pending: 0, failures }
}

/** What this process has computed, and on Linux all that it started and that has ended (s). */
const computed = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + (process.platform === 'linux' ? ofTheEnded() : 0)
}

const ofTheEnded = (): number => {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ')
  const [user = 0, system = 0] = fields.split(' ').slice(13, 15).map(Number)
  return (user + system) / ticksPerSecond
}
const ticksPerSecond = 100

process.on('message', async (file: string) => {
  const [started, before] = [performance.now(), computed()]
  const result = await run(file).catch(unloaded(file))
  const seconds = (performance.now() - started) / 1_000
  process.send?.({ ...result, seconds, computed: computed() - before } satisfies SpecResult)
})

const graceMs = 10_000
let isEnding = false
/** Ends what the files shared; a test that runs is given some time. */
const end = async (code: number) => {
  if (isEnding) return
  isEnding = true
  if (running) {
    const aborted = new Promise(resolve => running?.once('end', resolve))
    running.abort()
    await Promise.race([aborted, new Promise(resolve => setTimeout(resolve, graceMs))])
  }
  await mochaGlobalTeardown()
  process.exit(code)
}
process.on('disconnect', () => end(0))
process.on('SIGTERM', () => end(143))
// A Ctrl-C reaches every process of the terminal; it is the run that ends its workers.
process.on('SIGINT', () => {})
