import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { isAlive } from '../../local/proc.ts'
import { startRedis } from '../../local/servers/redis.ts'
import { silentLog } from '../../shared/runtime/log.ts'
import { needs, rabbitmq, redis, vhost } from '../servers.ts'

describe('private servers', () => {
  needs(rabbitmq, redis)

  it('a vhost of a test takes AMQP connections and is gone after drop', async () => {
    const { amqpUrl, api, name, drop } = await vhost()
    const connection = await connect(amqpUrl)
    const channel = await connection.createConfirmChannel()
    const durable = { durable: true, arguments: { 'x-queue-type': 'quorum' } }
    await channel.assertQueue('inbox', durable)
    channel.sendToQueue('inbox', Buffer.from('hello'), { persistent: true })
    await channel.waitForConfirms()
    expect(await channel.checkQueue('inbox')).to.include({ messageCount: 1 })
    await connection.close()
    await drop()
    const vhosts = (await api('GET', '/api/vhosts')) as { name: string }[]
    expect(vhosts.map(v => v.name)).to.not.include(name)
  })

  it('the broker knows no guest and its users cannot be guessed', async () => {
    const { managementUrl } = await rabbitmq()
    const authorization = `Basic ${Buffer.from('guest:guest').toString('base64')}`
    const answer = await fetch(`${managementUrl}/api/overview`, { headers: { authorization } })
    expect(answer.status).to.equal(401)
  })

  it('a Redis started again in the same folder has the port and the data of before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'choreo-test-redis-'))
    const first = await startRedis({ folder, log: silentLog })
    const client = new Redis(first.url)
    await client.set('done:order:1', '1')
    await client.quit()
    await first.stop()
    const second = await startRedis({ folder, log: silentLog })
    const again = new Redis(second.url)
    expect(second.url).to.equal(first.url)
    expect(await again.get('done:order:1')).to.equal('1')
    await again.quit()
    await second.kill()
    expect(isAlive(second.pid)).to.equal(false)
    rmSync(folder, { recursive: true })
  })
})
