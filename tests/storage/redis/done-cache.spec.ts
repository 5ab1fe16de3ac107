import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ensureInstalled } from '../../../local/bring-up/install.ts'
import { type Redis as RedisServer, startRedis } from '../../../local/servers/redis.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import type { EventId } from '../../../shared/contract/ids.ts'
import { type Log, silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import type { CircuitBreakerOptions } from '../../../shared/storage/redis/circuit-breaker.ts'
import { redisDoneCache } from '../../../shared/storage/redis/done-cache.ts'
import { newOrder } from '../../support/events.ts'
import { id } from '../documents.ts'

const freshEvent = (): EventId => id(newOrder(), 1)
// A busy machine is not what most of these tests are about.
const ample: CircuitBreakerOptions = { answerMs: 10_000, pauseMs: 100 }

const soon = { deadlineMs: 15_000 }

describe('the done cache in Redis', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'choreo-redis-'))
  const opened: { close(): Promise<void> }[] = []
  let server: RedisServer
  let admin: Redis

  const open = (
    options: {
      service?: string
      ttlSeconds?: number
      url?: string
      log?: Log
      patience?: CircuitBreakerOptions
    } = {},
  ) => {
    const cache = redisDoneCache({
      ...{ url: server.url, service: 'inventory', clock: systemClock, log: silentLog, patience: ample },
      ...options,
    })
    opened.push(cache)
    return cache
  }
  /** A cache that is seen to work. */
  const opens = async (options: Parameters<typeof open>[0] = {}) => {
    const cache = open(options)
    await works(cache)
    return cache
  }
  const works = (cache: ReturnType<typeof open>) =>
    waitUntil(
      'the cache',
      async () => {
        const event = freshEvent()
        await cache.markDone(event)
        return cache.isDone(event)
      },
      soon,
    )
  const start = async () => {
    server = await startRedis({ folder, log: silentLog })
  }
  const admined = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    admin ??= new Redis(server.url)
    return work(admin)
  }

  before(async () => {
    await ensureInstalled(['redis-server'], () => {})
    await start()
    admin = new Redis(server.url)
    admin.on('error', () => {})
  })
  after(async () => {
    await Promise.all(opened.map(cache => cache.close()))
    admin.disconnect()
    await server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('has seen what was marked, by the same service, and nothing else', async () => {
    const [inventory, payment] = await Promise.all([opens(), opens({ service: 'payment' })])
    const event = freshEvent()
    await inventory.markDone(event)
    expect(await inventory.isDone(event)).to.equal(true)
    expect(await payment.isDone(event)).to.equal(false)
    expect(await inventory.isDone(freshEvent())).to.equal(false)
  })

  it('keeps a note as long as it was told to, a day by default', async () => {
    const [short, long] = await Promise.all([opens({ service: 'order', ttlSeconds: 100 }), opens()])
    const event = freshEvent()
    await Promise.all([short.markDone(event), long.markDone(event)])
    expect(await admined(redis => redis.ttl(`done:order:${event}`))).to.be.within(90, 100)
    expect(await admined(redis => redis.ttl(`done:inventory:${event}`))).to.be.within(86_390, 86_400)
  })

  it('asks and notes in one round trip for the calls of one moment', async () => {
    const cache = await opens()
    const calls = async (...names: string[]) => {
      const said = await admined(redis => redis.info('commandstats'))
      const callsOf = (name: string) =>
        Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(said)?.[1] ?? 0)
      return names.map(callsOf).reduce((sum, n) => sum + n, 0)
    }
    const events = Array.from({ length: 300 }, freshEvent)
    const before = [await calls('mget'), await calls('eval', 'evalsha')]
    await Promise.all(events.map(event => cache.markDone(event)))
    expect(await Promise.all(events.map(event => cache.isDone(event)))).to.deep.equal(events.map(() => true))
    const after = [await calls('mget'), await calls('eval', 'evalsha')]
    expect(after.map((n, i) => n - (before[i] ?? 0))).to.deep.equal([1, 1])
    const ttls = await admined(redis =>
      Promise.all(events.map(event => redis.ttl(`done:inventory:${event}`))),
    )
    expect(Math.min(...ttls)).to.be.within(86_300, 86_400)
  })

  it('goes on when Redis has forgotten its scripts', async () => {
    const cache = await opens()
    for (const _ of [1, 2]) {
      const events = [freshEvent(), freshEvent()]
      await Promise.all(events.map(event => cache.markDone(event)))
      expect(await Promise.all(events.map(event => cache.isDone(event)))).to.deep.equal([true, true])
      await admined(redis => redis.script('FLUSH'))
    }
  })

  it('has seen nothing any more when Redis was wiped', async () => {
    const cache = await opens()
    const event = freshEvent()
    await cache.markDone(event)
    await admined(redis => redis.flushall())
    expect(await cache.isDone(event)).to.equal(false)
  })

  it('takes no more notes when Redis is full, says why, and still reads', async () => {
    const said: unknown[] = []
    const cache = await opens({ log: { ...silentLog, warn: (_, fields) => void said.push(fields?.code) } })
    const [noted, refused] = [freshEvent(), freshEvent()]
    await cache.markDone(noted)
    await admined(redis => redis.config('SET', 'maxmemory', '1'))
    try {
      await Promise.all([cache.markDone(refused), cache.markDone(freshEvent())])
      expect(cache.open()).to.deep.equal({ reads: false, writes: true })
      expect(said).to.deep.equal(['OOM'])
      expect(await cache.isDone(noted)).to.equal(true)
      expect(await cache.isDone(refused)).to.equal(false)
    } finally {
      await admined(redis => redis.config('SET', 'maxmemory', '0'))
    }
    await works(cache)
  })

  it('takes no notes on a read-only replica, says so once when it begins and once when it ends, and comes back by itself', async () => {
    const said: string[] = []
    const note = (message: string, fields = {}) => void said.push(`${message} ${JSON.stringify(fields)}`)
    const cache = await opens({ log: { info: note, warn: note, error: note } })
    const connections = async () => {
      const stats = await admined(redis => redis.info('stats'))
      return Number(/total_connections_received:(\d+)/.exec(stats)?.[1])
    }
    await admined(redis => redis.replicaof('127.0.0.1', '1'))
    try {
      const before = await connections()
      const looksForAPrimary = async () => {
        const event = freshEvent()
        await cache.markDone(event)
        expect(await cache.isDone(event)).to.equal(false)
        return (await connections()) >= before + 5
      }
      await waitUntil('five connections', looksForAPrimary, soon)
    } finally {
      await admined(redis => redis.replicaof('NO', 'ONE'))
    }
    await works(cache)
    await waitUntil('the end', async () => said.length > 1, soon)
    expect(said[0]).to.match(
      /^redis writes fail, work goes on without \{"code":"READONLY","error":"READONLY You can't write against a read only replica/,
    )
    expect(said[1]).to.match(/^redis writes work again .*"count":([5-9]|\d\d)/)
    expect(said).to.have.length(2)
  })

  it('has seen nothing while Redis does not answer, and costs one short wait and then none', async () => {
    const cache = await opens({ patience: { answerMs: 200, pauseMs: 3_000 } })
    const event = freshEvent()
    await cache.markDone(event)
    process.kill(server.pid, 'SIGSTOP')
    try {
      const began = performance.now()
      expect(await cache.isDone(event)).to.equal(false)
      const waited = performance.now() - began
      for (let n = 0; n < 200; n += 1) expect(await cache.isDone(event)).to.equal(false)
      expect(waited).to.be.at.least(190)
      expect(performance.now() - began, 'all together').to.be.below(1_800)
    } finally {
      process.kill(server.pid, 'SIGCONT')
    }
    await waitUntil('the note', () => cache.isDone(event), { deadlineMs: 30_000 })
  })

  it('has seen nothing while Redis is gone, fails nobody, says so once, and comes back', async () => {
    const said: string[] = []
    const note = (message: string) => void said.push(message)
    const cache = await opens({ log: { info: note, warn: note, error: note } })
    const event = freshEvent()
    await cache.markDone(event)
    await server.kill()
    await waitUntil('the loss', async () => !(await cache.isDone(event)), soon)
    await Promise.all(Array.from({ length: 1_000 }, () => cache.markDone(freshEvent())))
    await waitUntil('the message', async () => said.length > 0, soon)
    await start()
    await works(cache)
    expect(said.filter(message => message.includes('unreachable'))).to.have.length(1)
    expect(said.filter(message => message.includes('back'))).to.have.length(1)
  })

  it('does not need Redis at its start', async () => {
    const cache = open({ url: 'redis://user:secret@127.0.0.1:1' })
    await cache.markDone(freshEvent())
    expect(await cache.isDone(freshEvent())).to.equal(false)
  })
})
