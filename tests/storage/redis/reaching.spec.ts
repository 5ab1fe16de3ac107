import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ensureInstalled } from '../../../local/bring-up/install.ts'
import { type Redis as RedisServer, startRedis } from '../../../local/servers/redis.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { redisDoneCache } from '../../../shared/storage/redis/done-cache.ts'
import { newOrder } from '../../support/events.ts'
import { id } from '../documents.ts'

describe('reaching Redis by its URL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-redis-'))
  let server: RedisServer
  let admin: Redis

  before(async function () {
    this.timeout(60_000)
    await ensureInstalled(['redis-server'], () => {})
    server = await startRedis({ folder, log: silentLog })
    admin = new Redis(server.url)
  })
  after(async () => {
    admin.disconnect()
    await server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('presents a password that is escapes, and uses the database that the path names', async () => {
    await admin.call('ACL', 'SETUSER', 'ädá', 'on', '>pässwörd/%', '~*', '+@all')
    const who = [encodeURIComponent('ädá'), encodeURIComponent('pässwörd/%')].join(':')
    const url = `redis://${who}@127.0.0.1:${server.port}/3`
    const cache = redisDoneCache({ url, service: 'inventory', clock: systemClock, log: silentLog })
    const event = id(newOrder(), 1)
    const isNoted = async () => {
      await cache.markDone(event)
      return cache.isDone(event)
    }
    await waitUntil('the cache', isNoted, { deadlineMs: 15_000 }).finally(cache.close)
    await admin.select(3)
    expect(await admin.keys('*')).to.deep.equal([`done:inventory:${event}`])
  })

  it('says that a password is wrong, once, and not which', async () => {
    const said: string[] = []
    const warn = (message: string, fields = {}) => void said.push(`${message} ${JSON.stringify(fields)}`)
    const url = `redis://ada:hush@127.0.0.1:${server.port}`
    const cache = redisDoneCache({
      ...{ url, service: 'inventory', clock: systemClock, log: { ...silentLog, warn } },
    })
    await waitUntil('the line', async () => said.length > 0, { deadlineMs: 15_000 }).finally(cache.close)
    expect(said[0]).to.match(/"code":"WRONGPASS"/)
    expect(said.join()).to.not.include('hush')
  })
})
