import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { type RabbitMq, startRabbitMq } from '../../../local/servers/rabbitmq.ts'
import { startRedis } from '../../../local/servers/redis.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { isAlive } from '../../../system/process.ts'
import { until } from '../../messaging/messages.ts'
import { needs, rabbitmq, redis, vhost } from '../../support/servers.ts'
import { mountsWith, processesWith, tempFolder } from '../stand-ins.ts'

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

  for (const [ended, end] of [
    ['stopped', (server: RabbitMq) => server.stop()],
    ['killed by its pid', (server: RabbitMq) => process.kill(server.pid, 'SIGKILL') && server.exited],
  ] as const)
    it(`a broker that was ${ended} leaves no process and no mount behind, and starts again`, async function () {
      if (process.platform !== 'linux') this.skip()
      this.timeout(60_000)
      const folder = tempFolder()
      const server = await startRabbitMq({ folder: folder.path, log: silentLog })
      expect(processesWith(folder.path)).to.include(server.pid)
      await end(server)
      await until('the end of all of it', () => processesWith(folder.path).length === 0)
      expect(mountsWith(folder.path)).to.deep.equal([])
      const again = await startRabbitMq({ folder: folder.path, log: silentLog })
      expect(again.ports).to.deep.equal(server.ports)
      await again.kill()
      folder.remove()
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
