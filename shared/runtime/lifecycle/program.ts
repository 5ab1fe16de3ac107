import { existsSync, realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { SagaError } from '../errors.ts'
import { errorFields } from '../telemetry/failure-log.ts'
import { jsonLog } from '../telemetry/log.ts'
import { exportTelemetry } from '../telemetry/otlp/export.ts'
import { systemClock } from '../time/clock.ts'
import { onStop, type StopStep } from './drain.ts'

/**
 * Runs `start` as the program when this module is the one that was started, with a clean stop on SIGTERM and
 * Ctrl-C. A start that fails says why on one log line and exits 1.
 */
export const asProgram = async (
  moduleUrl: string,
  name: string,
  start: () => Promise<readonly StopStep[]>,
): Promise<void> => {
  if (moduleUrl !== startedUrl()) return
  const log = jsonLog(name)
  const steps: StopStep[] = []
  onStop(process, steps, { clock: systemClock, log })
  try {
    const telemetry = await exportTelemetry(name, log)
    steps.push(...(await start()), ...telemetry)
    log.info('started', { pid: process.pid })
  } catch (error) {
    log.error(error instanceof SagaError ? error.message : 'cannot start', errorFields(error))
    process.exit(1)
  }
}

// Node names a module by its real path, and a release may be started through a link.
const startedUrl = (): string | undefined => {
  const [, started] = process.argv
  return started !== undefined && existsSync(started) ? pathToFileURL(realpathSync(started)).href : undefined
}
