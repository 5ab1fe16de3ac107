import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { figure, spread } from '../../bench/report/format.ts'
import { goalsOf, standingOf } from '../../bench/report/goals.ts'
import { jsonLine } from '../../bench/report/line.ts'
import { pageOf } from '../../bench/report/page.ts'
import { type Results, readResults } from '../../bench/report/results.ts'
import { find, summariesOf } from '../../bench/report/summary.ts'
import { barChart } from '../../bench/report/svg.ts'
import type { Contender, Run } from '../../bench/trials/run.ts'
import { read, root } from '../docs/page.ts'

const used = {
  ...{ writtenBytes: {}, peakRssBytes: {}, rssBytes: {}, diskBytes: {}, turning: {} },
  ...{ cpuMs: { mongodb: 300, order: 700 }, counters: { published: 400 } },
}
const run = (contender: Contender, trial: string, ordersPerSecond: number): Run => ({
  ...{ contender, trial, ordersPerSecond, used, loop: { callers: 1 }, store: 'a store', orders: 1_000 },
  ...{ refused: 0, refusedWithoutHint: 0, failed: 0, seconds: 1, acceptedPerSecond: 1, generatorCpuMs: 0 },
  offences: [],
})
const results = (runs: readonly Run[]): Results => ({
  ...{ at: '2030-01-01T00:00:00.000Z', tookSeconds: 60, notRun: [{ what: 'dbos', why: 'no apt' }], runs },
  machine: { cpus: 2, model: 'any', memoryGb: 1, node: '20', programs: {} },
  options: { quick: true, full: false, repeats: 3, seconds: 5, callers: 200 },
})
const three = [run('saga', 'order', 100), run('saga', 'order', 300), run('saga', 'order', 200)]

describe('the figures of several runs', () => {
  it('are told as the middle of them, by order, with and without the store', () => {
    const saga = find(summariesOf(results(three)), 'saga')
    expect(saga?.ordersPerSecond).to.deep.equal({ min: 100, median: 200, max: 300 })
    expect(saga?.cpuMsPerOrder.median).to.equal(1)
    expect(saga?.cpuMsPerOrderWithoutStore.median).to.equal(0.7)
    expect(saga?.figures.messagesPublished?.median).to.equal(0.4)
    expect(saga?.figures.redisCommands).to.equal(undefined)
  })

  it('leave the server of each peer out as its store', () => {
    const postgres = { ...run('dbos', 'order', 1), used: { ...used, cpuMs: { postgres: 600, dbos: 400 } } }
    const summary = find(summariesOf(results([postgres])), 'dbos')
    expect(summary?.cpuMsPerOrderWithoutStore.median).to.equal(0.4)
  })
})

describe('the last line of --json', () => {
  const line = JSON.parse(jsonLine(results([...three, run('bullmq', 'order', 400), run('saga', 'hot', 150)])))

  it('has every contender, and says why one was not run', () => {
    expect(line).to.include.keys('saga', 'naive', 'limit', 'bullmq', 'dbos')
    expect(line.saga).to.include({ ordersPerSecond: 200, cpuMsPerOrder: 1 })
    expect(line.dbos).to.deep.equal({ ordersPerSecond: null, cpuMsPerOrder: null, notRun: 'no apt' })
    expect(line.naive.notRun).to.equal('it was not asked for')
  })

  it('has the ratios to the others, and of other workloads to `order`', () => {
    expect(line.ratios).to.deep.equal({ bullmq: { ordersPerSecond: 0.5, cpuMsPerOrder: 1 } })
    expect(line.trials.hot.ofOrder).to.equal(0.75)
  })

  it('counts what was wrong', () => {
    const bad = { ...run('saga', 'order', 1), offences: ['SKU-1 holds -1'] }
    expect(JSON.parse(jsonLine(results([bad]))).offences).to.equal(1)
  })
})

describe('a figure to reach', () => {
  const less = { figure: 'x', unit: 'ms', floor: 3, goal: 1, better: 'less' } as const

  it('is reached, nearly so, or not', () => {
    const standings = [1, 2, 4, undefined].map(measured => standingOf({ ...less, measured }))
    expect(standings).to.deep.equal(['goal reached', 'floor reached', 'below the floor', 'not measured'])
    expect(standingOf({ ...less, floor: 0.5, goal: 1.5, better: 'more', measured: 0.7 })).to.equal(
      'floor reached',
    )
  })

  it('is a ratio of memory for a long history', () => {
    const stored = (count: number, servicesMb: number) => ({
      ...run('saga', `history-${count}`, 100),
      extra: { stored: count, servicesMb },
    })
    const goals = goalsOf(summariesOf(results([stored(2_000, 400), stored(20_000, 500)])))
    expect(goals.find(({ figure: name }) => name.includes('memory'))?.measured).to.equal(1.25)
  })

  it('is held against what was measured in the same bench', () => {
    const goals = goalsOf(summariesOf(results([...three, run('bullmq', 'order', 400)])))
    const measured = (name: string) => goals.find(goal => goal.figure.includes(name))?.measured
    expect(measured('bullmq')).to.equal(0.5)
    expect(measured('dbos')).to.equal(undefined)
    expect(measured('saturation')).to.equal(1)
  })
})

describe('what is shown', () => {
  it('has as many digits as it is worth', () => {
    expect([0.123, 12.34, 123.4, 1234.5].map(figure)).to.deep.equal(['0.12', '12.3', '123', '1,235'])
    expect(spread({ min: 1, median: 2, max: 3 })).to.equal('2.00 (1.00 to 3.00)')
    expect(spread({ min: 2, median: 2, max: 2 })).to.equal('2.00')
    expect(spread(undefined)).to.equal('-')
  })

  it('is a chart in which the largest bar takes all the width, and names cannot break out', () => {
    const bars = [
      { name: 'a<b', parts: [{ of: 'x', value: 5 }] },
      { name: 'c', parts: [{ of: 'x', value: 10 }], span: [8, 10] as const },
    ]
    const svg = barChart({ title: 'T', unit: 'ms', bars })
    expect(svg).to.include('a&#60;b').and.not.include('a<b')
    const widths = [...svg.matchAll(/width="([\d.]+)" height="18"/g)].map(([, width]) => Number(width))
    expect(widths).to.deep.equal([270, 540])
    expect(barChart({ title: 'T', unit: 'ms', bars })).to.equal(svg)
  })
})

describe('docs/performance.md', () => {
  const page = pageOf(readResults())

  for (const file of Object.keys(page))
    it(`is what the results that are kept make of it: ${file} (else: npm run bench:report)`, () => {
      expect(existsSync(join(root, 'docs', file)) && read(`docs/${file}`)).to.equal(page[file])
    })

  it('has no plot that nothing makes', () => {
    const there = readdirSync(join(root, 'docs/performance')).map(file => `performance/${file}`)
    expect(Object.keys(page)).to.include.members(there)
  })

  it('shows every plot that is made', () => {
    const fast = { toEndMs: { count: 9, p50: 1, p99: 2, max: 3 } }
    const all = pageOf(results([...three, { ...run('saga', 'latency-20', 20), ...fast }]))
    const { 'performance.md': text, ...plots } = all
    expect(Object.keys(plots)).to.have.length(4)
    for (const file of Object.keys(plots)) expect(text).to.include(`](${file})`)
  })

  it('says so when promises were broken, and what was not run', () => {
    const bad = pageOf(results([{ ...run('saga', 'order', 1), offences: ['lost'] }]))['performance.md']
    expect(bad).to.include('1 promises were broken').and.include('- dbos: no apt')
    expect(pageOf(results(three))['performance.md']).to.not.include('broken')
  })
})
