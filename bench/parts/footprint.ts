/**
 * What each program takes of memory and CPU while the demo's orders go through a system of its own: the
 * figures behind the requests in deploy/kubernetes/base/pod.yaml. `node dist/bench/parts/footprint.js
 * [seconds]`; one line of JSON per program, after one about the run. Linux only.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuBetween, cpuOf } from '../../harness/cpu.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import type { Live } from '../../local/demo/live.ts'
import { runDemo } from '../../local/demo/run.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { RunEntry } from '../../system/run-list.ts'

const ordersAtOnce = 1_000
const silent: Live = { say: () => {}, show: () => {}, end: () => {} }
const say = (line: string) => process.stderr.write(`${line}\n`)
const print = (figures: object) => process.stdout.write(`${JSON.stringify(figures)}\n`)

/** Resident memory in MB: now, and the most that it ever was. */
const memoryOf = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (field: string) =>
    Math.round((Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1_024) / 1e6)
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') }
}

const memories = (run: readonly RunEntry[]) =>
  new Map(run.flatMap(({ name, pid }) => (pid === null ? [] : [[name, memoryOf(pid)] as const])))

/**
 * Sends orders of every kind until the time is over, and holds every run against the ledgers; resolves with
 * how many orders.
 */
const load = async (system: System, seconds: number): Promise<number> => {
  const urlOf = (name: string) => system.run().find(entry => entry.name === name)?.url ?? ''
  const providers = { paymentProvider: urlOf('payment-provider'), carrier: urlOf('carrier') }
  const found = { ...providers, url: system.url, folder: system.folder, ours: true, stop: async () => {} }
  const options = { orders: ordersAtOnce, kill: undefined, withinSeconds: 300, help: false }
  const end = systemClock.now() + seconds * 1_000
  let orders = 0
  while (systemClock.now() < end) {
    const { offences } = await runDemo({
      found,
      options,
      live: silent,
      bearer: undefined,
      clock: systemClock,
    })
    if (offences.length > 0) throw new Error(`${offences.length} promises were broken; the figures are void`)
    orders += ordersAtOnce
    say(`${orders} orders`)
  }
  return orders
}

const measure = async (system: System, seconds: number): Promise<void> => {
  const before = memories(system.run())
  const [startedAt, cpuBefore] = [systemClock.now(), cpuOf(system.run())]
  const orders = await load(system, seconds)
  const cpu = cpuBetween(cpuBefore, cpuOf(system.run()))
  const after = memories(system.run())
  const [{ model = 'unknown' } = {}] = cpus()
  const took = Math.round((systemClock.now() - startedAt) / 1_000)
  print({ orders, seconds: took, node: process.version, cpus: availableParallelism(), model })
  for (const [name, spent] of cpu)
    print({
      ...{ program: name, idleMb: before.get(name)?.now, mostMb: after.get(name)?.most },
      cpuMsAnOrder: Number(((spent * 1_000) / orders).toFixed(2)),
    })
}

const folder = mkdtempSync(join(tmpdir(), 'choreo-footprint-'))
const env = { ...process.env, CHOREO_STOCK_UNITS: '20000' }
const system = await startSystem({ folder, httpPort: await freePort(), say, env })
try {
  await measure(system, Number(process.argv[2] ?? 60))
} finally {
  await system.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
