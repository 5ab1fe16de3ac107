/**
 * What the done cache costs in CPU per event (one look and one note), for this process and for a private
 * Redis, by how many events come in one moment. `node dist/bench/parts/done-cache.js [events]`; one line of
 * JSON per size, times in microseconds. Linux only.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuBetween, cpuOf } from '../../harness/cpu.ts'
import { startRedis } from '../../local/servers/redis.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import type { EventId } from '../../shared/contract/ids.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'

const events = Number(process.argv[2] ?? 60_000)
let made = 0
const freshEvent = () => `01J8ZQ4V7Y6T5R4E3W2Q${String(made++).padStart(6, '0')}:inventory:3` as EventId

type Cache = ReturnType<typeof redisDoneCache>

const handle = async (cache: Cache, count: number, size: number) => {
  for (let n = 0; n < count; n += size) {
    const ids = Array.from({ length: size }, freshEvent)
    await Promise.all(ids.map(id => cache.isDone(id)))
    await Promise.all(ids.map(id => cache.markDone(id)))
  }
}

const measure = async (cache: Cache, pid: number, size: number) => {
  const run = [
    { name: 'service', pid: process.pid },
    { name: 'redis', pid },
  ]
  await handle(cache, events / 4, size)
  const before = cpuOf(run)
  await handle(cache, events, size)
  const cpu = cpuBetween(before, cpuOf(run)).map(([name, spent]) => [
    name,
    Number(((spent * 1e6) / events).toFixed(1)),
  ])
  process.stdout.write(`${JSON.stringify({ eventsInOneMoment: size, ...Object.fromEntries(cpu) })}\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'choreo-done-cache-'))
const server = await startRedis({ folder, log: silentLog })
const cache = redisDoneCache({
  ...{ url: server.url, service: 'bench', clock: systemClock, log: silentLog },
  // On a busy machine nothing may be skipped.
  patience: { answerMs: 10_000, pauseMs: 100 },
})
try {
  await waitUntil('redis', async () => !cache.open().reads, { deadlineMs: 10_000 })
  for (const size of [1, 4, 16, 64]) await measure(cache, server.pid, size)
} finally {
  await cache.close()
  await server.kill()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
