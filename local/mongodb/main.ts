import { parseArgs } from 'node:util'
import { errorFields } from '../../shared/runtime/telemetry/failure-log.ts'
import { jsonLog } from '../../shared/runtime/telemetry/log.ts'
import { startEmbeddedMongo } from './server.ts'

const log = jsonLog('mongodb')

const end = (code: number) => {
  process.exitCode = code
  process.exit()
}

const refuse = (error: unknown): void => {
  log.error(error instanceof Error ? error.message : 'start failed', errorFields(error))
  end(1)
}

const start = async (): Promise<void> => {
  const { values } = parseArgs({ options: { folder: { type: 'string' }, port: { type: 'string' } } })
  const { folder, port } = values
  if (folder === undefined || !/^\d{1,5}$/.test(port ?? '')) {
    process.stderr.write('usage: main.js --folder DIR --port N\n')
    return end(2)
  }
  const server = await startEmbeddedMongo({ folder, port: Number(port), log })
  const stop = () => server.stop().then(() => end(0), refuse)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  void server.failed.then(refuse)
}

await start().catch(refuse)
