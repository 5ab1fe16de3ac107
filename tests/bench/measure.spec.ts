import { expect } from 'chai'
import { counted, redisCountersIn } from '../../bench/measure/counters.ts'
import { type Observation, usedBetween } from '../../bench/measure/observe.ts'
import { cpuMsIn, fieldIn, treeOf, usageOf } from '../../bench/measure/proc.ts'
import { samplesIn, sumOf } from '../../bench/measure/prometheus.ts'
import { turningIn } from '../../bench/measure/turning.ts'
import { latencyOf, quantile, spreadOf } from '../../bench/quantiles.ts'
import { pidsIn } from '../../bench/systems/system.ts'
import type { RunEntry } from '../../system/run-list.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('quantiles', () => {
  it('are values that were there, by the nearest rank', () => {
    expect(quantile(upTo(100), 0.5)).to.equal(50)
    expect(quantile(upTo(100), 0.99)).to.equal(99)
    expect(quantile(upTo(100).toReversed(), 1)).to.equal(100)
    expect(quantile([7], 0.01)).to.equal(7)
    expect(quantile([], 0.5)).to.be.NaN
  })

  it('tell the 99.9th percentile only of a thousand times or more', () => {
    expect(latencyOf(upTo(999))).to.deep.equal({ count: 999, p50: 500, p99: 990, max: 999 })
    expect(latencyOf(upTo(1_000))?.p999).to.equal(999)
    expect(latencyOf([])).to.equal(undefined)
  })

  it('tell of repeats the least, the middle and the most', () => {
    expect(spreadOf([3, 1, 2])).to.deep.equal({ min: 1, median: 2, max: 3 })
    expect(spreadOf([1, 2])?.median).to.equal(1)
    expect(spreadOf([])).to.equal(undefined)
  })
})

describe('what Linux says of a process', () => {
  const after = 'S 1 2 3 4 5 6 7 8 9 10 120 30 4 1 20 0'

  it('is read behind its name, whatever that is: CPU with that of its children that ended', () => {
    for (const name of ['node', 'a b', 'odd) (name', ') S 1'])
      expect(cpuMsIn(`42 (${name}) ${after}`), name).to.equal(1_550)
  })

  it('is found by the name of its field', () => {
    expect(fieldIn('VmPeak:\t 9 kB\nVmHWM:\t  120 kB\n', 'VmHWM')).to.equal(120)
    expect(fieldIn('rchar: 1\nwrite_bytes: 4096\n', 'write_bytes')).to.equal(4_096)
    expect(fieldIn('cancelled_write_bytes: 5\n', 'write_bytes')).to.equal(0)
  })

  it('is there for this process, and is nothing for one that is not', () => {
    expect(treeOf(process.pid)).to.include(process.pid)
    expect(usageOf([process.pid]).peakRssBytes).to.be.above(1_000_000)
    expect(usageOf([2 ** 30]).cpuMs).to.equal(0)
  })

  it('is summed over the instances of a service', () => {
    expect(usageOf([]).rssBytes).to.equal(0)
    const [one, two] = [usageOf([process.pid]), usageOf([process.pid, process.pid])]
    expect(two.peakRssBytes).to.be.at.least(2 * one.peakRssBytes)
    const entry = (name: string, pid: number | null): RunEntry => ({
      ...{ name, pid, kind: 'service', port: 1, url: '', log: null },
    })
    const run = [entry('mongodb', null), entry('order', 7), entry('payment', 8), entry('order', 9)]
    expect(pidsIn(run)).to.deep.equal({ order: [7, 9], payment: [8] })
  })
})

describe('what servers and services count', () => {
  const page = [
    '# HELP sent of messages',
    'sent_total{queue="a",error_type=""} 3',
    'sent_total{queue="b",error_type="x"} 4',
    'nodejs_eventloop_lag_p99_seconds 0.0123',
    'nodejs_eventloop_lag_max_seconds 0.05',
    'nodejs_gc_duration_seconds_sum{kind="minor"} 0.25',
    'nodejs_gc_duration_seconds_sum{kind="major"} 1e-1',
  ].join('\n')

  it('is summed over labels', () => {
    const samples = samplesIn(page)
    expect(sumOf(samples, 'sent_total')).to.equal(7)
    expect(sumOf(samples, 'sent_total', 'queue="b"')).to.equal(4)
    expect(sumOf(samples, 'sent')).to.equal(undefined)
    expect(turningIn(samples)).to.deep.equal({ loopP99Ms: 12.3, loopMaxMs: 50, gcMs: 350 })
    expect(turningIn([])).to.equal(undefined)
  })

  it('is told by Redis in lines', () => {
    const info = '# Stats\r\ntotal_commands_processed:120\r\ntotal_reads_processed:40\r\n'
    expect(redisCountersIn(info)).to.deep.equal({ redisCommands: 120, redisReads: 40 })
    expect(redisCountersIn('')).to.deep.equal({})
  })

  it('counts between two looks, and not at all when it was not there at the first', () => {
    expect(counted({ published: 5 }, { published: 9, delivered: 3 })).to.deep.equal({ published: 4 })
  })
})

describe('what a run used', () => {
  const usage = (cpuMs: number, writtenBytes: number) => ({
    cpuMs,
    writtenBytes,
    peakRssBytes: 9,
    rssBytes: 8,
  })
  const seen = (cpu: number, written: number, gcMs: number): Observation => ({
    usage: { order: usage(cpu, written) },
    diskBytes: { mongodb: written },
    counters: { published: cpu },
    turning: { order: { loopP99Ms: 1, loopMaxMs: 2, gcMs } },
  })

  it('is what came on top', () => {
    const used = usedBetween(seen(100, 1_000, 10), seen(350, 5_000, 30))
    expect(used.cpuMs).to.deep.equal({ order: 250 })
    expect(used.writtenBytes).to.deep.equal({ order: 4_000 })
    expect(used.diskBytes).to.deep.equal({ mongodb: 4_000 })
    expect(used.turning.order?.gcMs).to.equal(20)
    expect(used.peakRssBytes).to.deep.equal({ order: 9 })
  })

  it('counts a process that was started anew from its start', () => {
    expect(usedBetween(seen(100, 1_000, 10), seen(40, 50, 5)).cpuMs).to.deep.equal({ order: 40 })
  })
})
