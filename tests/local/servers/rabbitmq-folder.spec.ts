import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type ConfirmChannel, connect } from 'amqplib'
import { expect } from 'chai'
import { ensureInstalled } from '../../../local/bring-up/install.ts'
import { type RabbitMq, startRabbitMq } from '../../../local/servers/rabbitmq.ts'
import { seenIn } from '../../../local/servers/rabbitmq-installation.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { tempFolder } from '../stand-ins.ts'

const queues = { inbox: 'quorum', journal: 'stream' }
const durable = (type: string) => ({ durable: true, arguments: { 'x-queue-type': type } })

describe('the folder of a private RabbitMQ', () => {
  const folder = tempFolder()
  const before = join(folder.path, 'проект ☕')
  const later = join(folder.path, 'moved to ä place')
  let server: RabbitMq | undefined
  after(async () => {
    await server?.kill()
    folder.remove()
  })

  const onChannel = async <T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
    const connection = await connect(server?.adminUrl('/') ?? '')
    connection.on('error', () => {})
    const channel = await connection.createConfirmChannel()
    channel.on('error', () => {})
    return work(channel).finally(() => connection.close())
  }
  const send = () =>
    onChannel(async channel => {
      for (const [queue, type] of Object.entries(queues)) {
        await channel.assertQueue(queue, durable(type))
        channel.sendToQueue(queue, Buffer.from('m'), { persistent: true })
      }
      await channel.waitForConfirms()
    })
  const held = () =>
    onChannel(async channel => {
      await channel.prefetch(10)
      let read = 0
      await channel.consume('journal', () => void read++, { arguments: { 'x-stream-offset': 'first' } })
      const { messageCount } = await channel.checkQueue('inbox')
      await waitUntil('the stream', async () => read === messageCount, { deadlineMs: 10_000 })
      return messageCount
    })

  it('may have any name, and be moved while nothing runs: queues and streams keep what they hold', async function () {
    if (process.platform !== 'linux') this.skip()
    this.timeout(120_000)
    await ensureInstalled(['rabbitmq-server'], () => {})
    mkdirSync(before)
    server = await startRabbitMq({ folder: before, log: silentLog })
    await send()
    expect(await held()).to.equal(1)
    await server.stop()
    renameSync(before, later)
    server = await startRabbitMq({ folder: later, log: silentLog })
    // A broker that has just come up is still looking for the leaders of its streams.
    await waitUntil('what was sent', async () => (await held()) === 1, { deadlineMs: 60_000 })
    await send()
    expect(await held()).to.equal(2)
    const log = readFileSync(join(later, 'rabbitmq.log'), 'utf8')
    expect(log).to.not.match(/FORMATTER CRASH|disk space monitor encountered an error/)
    expect(log).to.not.include(folder.path)
  })

  it('is refused before anything starts where the system has no path that is always the same', () => {
    expect(seenIn('/home/ada/.data', false)).to.equal('/home/ada/.data')
    for (const odd of ['/home/проект', '/home/☕', '/home/ä', '/home/my data'])
      expect(() => seenIn(odd, false))
        .to.throw(SagaError, /CHOREO_DATA/)
        .with.property('code', 'server-failed')
  })
})
