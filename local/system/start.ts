import { codeOf, hasCode } from '../../shared/runtime/errors.ts'
import { dataFolderOf } from '../../system/data-folder.ts'
import { watchStarter } from '../starter.ts'
import { httpPortOf } from './settings.ts'
import { type System, startSystem } from './system.ts'
import { welcome } from './welcome.ts'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

// A reader that went away (`npm start | head`) must not take the system down.
process.stdout.on('error', () => {})

/**
 * Starts the system and runs it until SIGINT or SIGTERM, or until npm is gone that started it; a second
 * signal ends at once, leaving the clean-up to the system.
 */
const main = async (): Promise<number> => {
  const asked = new AbortController()
  const stopped = new Promise<void>(resolve => asked.signal.addEventListener('abort', () => resolve()))
  let askedAt = 0
  const onSignal = () => {
    // A terminal and npm both deliver the same Ctrl-C.
    if (asked.signal.aborted && Date.now() - askedAt > 1_000) process.exit(130)
    if (!asked.signal.aborted) askedAt = Date.now()
    asked.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onSignal)
  const env = process.env
  watchStarter(env, () => {
    say('npm, which started this system, is gone; stopping, since nobody is left to do so')
    asked.abort()
  })
  const started = Date.now()
  const options = { folder: dataFolderOf(env), httpPort: httpPortOf(env), say, signal: asked.signal }
  const system: System = await startSystem(options)
  say(welcome(system))
  say(`(up after ${((Date.now() - started) / 1000).toFixed(1)} s)`)
  await stopped
  await system.stop()
  say('stopped; the data stays for the next start')
  return 0
}

const explain = (error: unknown): string => (error instanceof Error ? error.message : codeOf(error))

main().then(
  code => process.exit(code),
  error => {
    if (hasCode(error, 'draining')) {
      say('stopped')
      process.exit(0)
    }
    process.stderr.write(`${explain(error)}\n`)
    process.exit(1)
  },
)
