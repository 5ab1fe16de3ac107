import { exits } from './failure.ts'
import { runLine } from './run-line.ts'

// A reader that went away (`npx --no -- choreo dlq list | head`) is no error.
process.stdout.on('error', () => process.exit(exits.done))

const graceMs = 10_000
const asked = new AbortController()

/** The first Ctrl-C ends what can be ended cleanly, the second one and the end of the grace everything. */
const onSignal = (): void => {
  if (asked.signal.aborted) process.exit(exits.interrupted)
  asked.abort()
  setTimeout(() => process.exit(exits.interrupted), graceMs).unref()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

process.exit(
  await runLine(process.argv.slice(2), {
    ...{ out: process.stdout, err: process.stderr, input: process.stdin },
    ...{ env: process.env, signal: asked.signal },
  }),
)
