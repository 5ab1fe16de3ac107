import http from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { codeOf, hasCode, SagaError } from '../../shared/runtime/errors.ts'
import { errorFields } from '../../shared/runtime/telemetry/failure-log.ts'
import { jsonLog, type Log } from '../../shared/runtime/telemetry/log.ts'
import { type Clock, systemClock } from '../../shared/runtime/time/clock.ts'
import { requestHandler, type Simulator } from './http.ts'
import type { Ledger } from './ledger.ts'
import { type FileLedger, openFileLedger } from './ledger-file.ts'

/** A simulator as a program: its name, the shape of its answers on disk, and how to make it. */
export type Program<Answer> = {
  name: string
  answer: z.ZodType<Answer>
  simulate(parts: { clock: Clock; ledger: Ledger<Answer> }): Simulator
}

/**
 * Runs a simulator until SIGTERM or SIGINT, which end it with 0: `--port N --data DIR [--host ADDRESS]`.
 * Wrong arguments end it with 2, everything else that prevents its work with 1; the log says why.
 */
export const runProgram = async <Answer>(program: Program<Answer>): Promise<void> => {
  const log = jsonLog(program.name)
  try {
    await start(program, optionsOf(process.argv.slice(2)), log)
  } catch (error) {
    log.error('cannot start', errorFields(error))
    process.exitCode = hasCode(error, 'config-invalid') ? 2 : 1
  }
}

type Options = { port: number; data: string; host: string }

const optionsOf = (args: string[]): Options => {
  try {
    const { values } = parseArgs({
      args,
      options: { port: { type: 'string' }, data: { type: 'string' }, host: { type: 'string' } },
    })
    return Arguments.parse(values)
  } catch (cause) {
    const expected = 'expected --port <1 to 65535> --data <folder> [--host <address>]'
    throw new SagaError('config-invalid', expected, { retry: 'never', cause })
  }
}

const Arguments = z.object({
  port: z.coerce.number().int().min(1).max(65_535),
  data: z.string().min(1),
  host: z.string().min(1).default('127.0.0.1'),
})

const start = async <Answer>(program: Program<Answer>, { port, data, host }: Options, log: Log) => {
  let simulator: Simulator | undefined
  const server = http.createServer(requestHandler(() => simulator, log))
  // Longer than any client keeps an idle connection, so that none is closed just as it is used again.
  server.keepAliveTimeout = 75_000
  // The port comes first: it is what keeps a second process away from the same ledger.
  await listen(server, port, host)
  const ledger = await openFileLedger(join(data, 'ledger.jsonl'), program.answer).catch(error => {
    server.close()
    throw error
  })
  simulator = program.simulate({ clock: systemClock, ledger: failStop(ledger, log) })
  log.info('ready', { port, count: ledger.recovered.length })
  const end = (signal: string) => void stop(server, ledger).then(() => exit(log, signal))
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
}

const listen = (server: http.Server, port: number, host: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', cause =>
      reject(
        codeOf(cause) === 'EADDRINUSE'
          ? new SagaError('port-taken', `port ${port} of ${host}`, { retry: 'never' })
          : cause,
      ),
    )
    server.listen(port, host, resolve)
  })

/** After a failed write only the disk knows what was answered: end, and let the restart read it. */
const failStop = <Answer>(ledger: Ledger<Answer>, log: Log): Ledger<Answer> => ({
  recovered: ledger.recovered,
  append: call =>
    ledger.append(call).catch(error => {
      if (hasCode(error, 'draining')) throw error
      log.error('the ledger cannot be written', errorFields(error))
      process.exit(1)
    }),
})

/**
 * What was decided is written and answered; calls that still wait for an answer are cut and may be repeated.
 */
const stop = async (server: http.Server, ledger: FileLedger<unknown>) => {
  server.close()
  server.closeIdleConnections()
  await ledger.close()
  await new Promise(resolve => setImmediate(resolve))
  server.closeAllConnections()
}

const exit = (log: Log, signal: string) => {
  log.info('stopped', { reason: signal })
  // A slow charge may still hold a timer; it was not made, and its caller asks again.
  process.exit(0)
}
