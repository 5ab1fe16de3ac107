import { codeOf, hasCode } from '../../shared/runtime/errors.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { type Found, findSystem } from './find-system.ts'
import { type Live, liveOn } from './live.ts'
import { type Options, optionsOf, usage } from './options.ts'
import { reportOf } from './report.ts'
import { runDemo } from './run.ts'

// A reader that went away (`npm run demo | head`) must not leave a system behind.
process.stdout.on('error', () => {})

/** Runs the demo until it is over or Ctrl-C; what it started is stopped either way. */
const demo = async (options: Options, live: Live, asked: AbortSignal): Promise<number> => {
  const found = await findSystem(process.env, { say: live.say, signal: asked })
  try {
    const over = runDemo({ found, options, live, bearer: process.env.CHOREO_BEARER, clock: systemClock })
    const result = await Promise.race([over, abortOf(asked)])
    live.end()
    if (result === 'asked') return 130
    live.say(reportOf(result))
    return result.offences.length === 0 ? 0 : 1
  } finally {
    live.end()
    await stop(found, live)
  }
}

const stop = async (found: Found, live: Live): Promise<void> => {
  if (found.ours) live.say('Stopping the system of the demo ...')
  await found.stop()
}

const abortOf = (signal: AbortSignal): Promise<'asked'> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve('asked')))

const explain = (error: unknown): string => (error instanceof Error ? error.message : codeOf(error))

const main = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort())
  return demo(options, liveOn(process.stdout), asked.signal)
}

main().then(
  code => process.exit(code),
  error => {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(hasCode(error, 'draining') ? 130 : hasCode(error, 'config-invalid') ? 2 : 1)
  },
)
