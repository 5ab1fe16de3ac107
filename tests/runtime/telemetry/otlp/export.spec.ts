import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../../../local/bring-up/ports.ts'
import { tempFolder } from '../../../local/stand-ins.ts'
import { startCollector } from '../../../observability/collector.ts'
import { lateServer } from '../../../support/late-server.ts'

const program = new URL('../../../../shared/runtime/lifecycle/program.js', import.meta.url).href
const source = `
import { asProgram } from ${JSON.stringify(program)}
setInterval(() => {}, 1_000)
await asProgram(import.meta.url, 'any', async () => [])
`

describe('a program that sends its telemetry', function () {
  this.timeout(30_000)
  const folder = tempFolder()
  const file = join(folder.path, 'main.mjs')
  before(() => writeFileSync(file, source))
  after(() => folder.remove())

  /** Starts it, stops it once it has started, and resolves with its exit code and its log. */
  const runWith = async (endpoint: string) => {
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }
    const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let log = ''
    child.stdout.on('data', text => {
      if (!log.includes('"started"') && `${log}${text}`.includes('"started"')) child.kill('SIGTERM')
      log += text
    })
    const [code] = await once(child, 'close')
    return { code, log }
  }

  it('sends what is left before it ends', async () => {
    const collector = await startCollector()
    const { code, log } = await runWith(collector.url)
    await collector.close()
    expect([code, log.includes('cannot be sent')]).to.deep.equal([0, false])
    expect([...(collector.metrics().get('any') ?? [])]).to.include('process_cpu_seconds_total')
  })

  it('ends in time, and cleanly, when nobody listens, and says once what is wrong', async () => {
    const { code, log } = await runWith(`http://127.0.0.1:${await freePort()}`)
    expect(code, log).to.equal(0)
    expect(log.match(/spans and metrics cannot be sent/g)).to.have.lengthOf(1)
  })

  it('ends in time when nobody answers', async () => {
    const swallowing = await lateServer(1, 'swallows', 600_000)
    const { code, log } = await runWith(`http://127.0.0.1:${swallowing.port}`)
    swallowing.close()
    expect(code, log).to.equal(0)
  })

  it('does not start with an address that is none, and names the variable', async () => {
    const { code, log } = await runWith('nowhere')
    expect([code, log.includes('OTEL_EXPORTER_OTLP_ENDPOINT: expected')]).to.deep.equal([1, true])
  })
})
