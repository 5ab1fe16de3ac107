import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { figuresIn } from './figures.ts'

const metrics = fileURLToPath(new URL('../../shared/runtime/telemetry/metrics.js', import.meta.url))

/** Two scrapes of a fresh process, one right after the other, and the CPU time that it had before the first. */
const program = `
import { openMetrics } from ${JSON.stringify(metrics)}
const opened = openMetrics('any')
const until = performance.now() + 300
while (performance.now() < until);
const { user, system } = process.cpuUsage()
const first = await opened.text()
const second = await opened.text()
await new Promise(resolve => setTimeout(resolve, 200))
console.log(JSON.stringify({ spent: (user + system) / 1e6, texts: [first, second, await opened.text()] }))
`

describe('the figures of a process', () => {
  let spent = 0
  let texts: readonly string[] = []
  before(async function () {
    this.timeout(60_000)
    const args = ['--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    ;({ spent, texts } = JSON.parse(stdout))
  })

  it('count its CPU time from its start, also in the first scrape', () => {
    const [first = ''] = texts
    const told = figuresIn(first)
    expect(told.get('process_cpu_seconds_total')).to.be.at.least(spent)
    const [user = 0, system = 0] = ['user', 'system'].map(kind =>
      told.get(`process_cpu_${kind}_seconds_total`),
    )
    expect(told.get('process_cpu_seconds_total')).to.be.closeTo(user + system, 0.05)
  })

  it('have no delay of the event loop that was not measured', () => {
    for (const text of texts) {
      expect(text).to.not.match(/ (NaN|[\d.]+e\+?\d+)$/m)
      const min = figuresIn(text).get('nodejs_eventloop_lag_min_seconds')
      if (min !== undefined) expect(min).to.be.within(0, 60)
    }
    const last = figuresIn(texts.at(-1) ?? '')
    for (const part of ['min', 'max', 'mean', 'p50', 'p99'])
      expect(last.get(`nodejs_eventloop_lag_${part}_seconds`), part).to.be.above(0)
    expect(last.has('nodejs_eventloop_lag_stddev_seconds')).to.equal(true)
  })
})
