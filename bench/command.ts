import { requireLinux } from './options.ts'
import { refuseDocker } from './systems/private.ts'

/**
 * Runs a command of the bench to its exit code: prints the usage when that is asked for, and hands the work a
 * signal that Ctrl-C or its starter aborts. @throws SagaError `config-invalid` where it cannot run
 */
export const runCommand = async <O extends { readonly help: boolean }>(
  options: O,
  usage: string,
  work: (options: O, signal: AbortSignal) => Promise<number>,
): Promise<number> => {
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  requireLinux(process.platform)
  refuseDocker()
  const asked = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort())
  return work(options, asked.signal)
}
