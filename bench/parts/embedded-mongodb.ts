/**
 * What the embedded MongoDB server costs through the official driver: CPU of the server and bytes on disk for
 * each operation. `node dist/bench/parts/embedded-mongodb.js [seconds] [stored orders]`; one line of JSON per
 * workload. Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Document, MongoClient } from 'mongodb'
import { embeddedServer } from '../../local/servers/mongodb.ts'
import { fill, leastStored, type Stored, type Workload, workloads } from './embedded-mongodb-shapes.ts'

const startServer = async (folder: string): Promise<{ child: ChildProcess; port: number }> => {
  const child = spawn(process.execPath, [...embeddedServer, '--folder', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, port: JSON.parse(line).port }
}

/**
 * What a process used so far: user and system time in seconds (Linux counts ticks of 10 ms), bytes it had
 * written to disk, its memory.
 */
const usage = (pid: number | undefined) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const told = (file: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1])
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    disk: told('io', 'write_bytes'),
    rssMb: Math.round(told('status', 'VmRSS') / 1_024),
  }
}

/** Runs the workload for a while; how often it was done, and in how many seconds. */
const drive = async (workload: Workload, stored: Stored, seconds: number) => {
  const begin = process.hrtime.bigint()
  const passed = () => Number(process.hrtime.bigint() - begin) / 1e9
  let turn = 0
  const caller = async () => {
    while (passed() < seconds) await workload.run(stored, turn++)
  }
  await Promise.all(Array.from({ length: workload.inFlight }, caller))
  return { done: turn * workload.each, passed: passed() }
}

const print = (figures: object) => process.stdout.write(`${JSON.stringify(figures)}\n`)

const measure = async (workload: Workload, stored: Stored, pid: number | undefined, seconds: number) => {
  const before = usage(pid)
  const { done, passed } = await drive(workload, stored, seconds)
  const after = usage(pid)
  print({
    workload: workload.name,
    perSecond: Math.round(done / passed),
    cpuMicros: Math.round(((after.cpu - before.cpu) / done) * 1e7) / 10,
    bytesOnDisk: Math.round((after.disk - before.disk) / done),
    rssMb: after.rssMb,
  })
}

const folder = mkdtempSync(join(tmpdir(), 'choreo-bench-mongodb-'))
const { child, port } = await startServer(folder)
const client = new MongoClient(`mongodb://127.0.0.1:${port}`, { maxPoolSize: 50 })
try {
  const seconds = Number(process.argv[2] ?? 3)
  const count = Math.max(leastStored, Number(process.argv[3] ?? 0))
  const named = (name: string) => client.db('bench').collection<Document & { _id: string }>(name)
  const stored = { orders: named('orders'), lots: named('lots'), views: named('views'), versions: new Map() }
  const begin = usage(child.pid)
  await fill(stored, count)
  const filled = usage(child.pid)
  print({
    filled: count,
    cpuMicros: Math.round(((filled.cpu - begin.cpu) / count) * 1e6),
    rssMb: filled.rssMb,
  })
  for (const workload of workloads) {
    await drive(workload, stored, seconds / 3)
    await measure(workload, stored, child.pid, seconds)
  }
} finally {
  await client.close()
  child.kill('SIGTERM')
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
}
