import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { mongodb, needs, rabbitmq, redis, type Vhost, vhost } from '../support/servers.ts'
import { filesOfImage, type ImageFiles } from './image.ts'

const passwordOf = (user: string) => `image-password-of-${user}`

describe('the files of the image', function () {
  this.timeout(120_000)
  needs(rabbitmq, mongodb, redis)
  let image: ImageFiles
  let here: Vhost
  let servers: Record<string, string>
  const running: ChildProcess[] = []
  const data = mkdtempSync(join(tmpdir(), 'choreo-image-data-'))

  before(async () => {
    image = await filesOfImage()
    here = await vhost()
    servers = { MONGODB_URL: await mongodb(), REDIS_URL: await redis() }
  })
  after(async () => {
    for (const child of running) child.kill('SIGKILL')
    for (const user of brokerUsers) await here.api('DELETE', `/api/users/${here.name}.${user}`)
    await here.drop()
    image.remove()
    rmSync(data, { recursive: true, force: true })
  })

  // As the user `node` of the image where the tests run as root: then nothing of it can be written by the
  // program.
  const asNobodySpecial: { uid?: number; gid?: number } =
    process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {}

  /** Starts a program of the image with these variables and no others; everything that it says is kept. */
  const start = (program: string, env: Record<string, string>, args: readonly string[] = []) => {
    const child = spawn(process.execPath, [`dist/${program}.js`, ...args], {
      ...{ cwd: image.folder, env: { NODE_ENV: 'production', ...env }, ...asNobodySpecial },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', text => {
        said += text
      })
    const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal, said }))
    return { child, ended, said: () => said }
  }
  const answers = (url: string, { child, said }: ReturnType<typeof start>) =>
    waitUntil(url, async () => (await fetch(url)).ok, {
      deadlineMs: 30_000,
      gone: () => (child.exitCode === null ? undefined : said()),
    })
  const serviceUrl = (user: string) => {
    const url = new URL(here.amqpUrl)
    return `amqp://${here.name}.${user}:${passwordOf(user)}@${url.host}/${here.name}`
  }

  it('have no package that is for development alone, and no source', () => {
    expect(existsSync(join(image.folder, 'node_modules', 'mocha'))).to.equal(false)
    expect(existsSync(join(image.folder, 'shared'))).to.equal(false)
    expect(existsSync(join(image.folder, 'dist', 'services', 'order', 'main.js'))).to.equal(true)
  })

  it('are enough to prepare a broker', async () => {
    const { managementUrl } = await rabbitmq()
    const { ended } = start('rabbitmq/prepare', {
      ...{ AMQP_URL: here.amqpUrl, RABBITMQ_MANAGEMENT_URL: managementUrl },
      CHOREO_BROKER_USER_PREFIX: `${here.name}.`,
      ...Object.fromEntries(brokerUsers.map(user => [`${user.toUpperCase()}_PASSWORD`, passwordOf(user)])),
    })
    const { code, said } = await ended
    expect(code, said).to.equal(0)
  })

  it('are enough for a service and its provider, which end cleanly when they are told to', async () => {
    const [providerPort, port] = [await freePort(), await freePort()]
    const ledger = join(data, 'ledger')
    mkdirSync(ledger)
    chmodSync(data, 0o755)
    chmodSync(ledger, 0o777)
    const provider = start('local/providers/payment-provider', {}, [
      '--port',
      `${providerPort}`,
      '--data',
      ledger,
    ])
    await answers(`http://127.0.0.1:${providerPort}/readyz`, provider)
    const payment = start('services/payment/main', {
      ...servers,
      AMQP_URL: serviceUrl('payment'),
      PAYMENT_PROVIDER_URL: `http://127.0.0.1:${providerPort}`,
      CHOREO_HEALTH_PORT: String(port),
    })
    await answers(`http://127.0.0.1:${port}/readyz`, payment)
    for (const { child, ended } of [payment, provider]) {
      child.kill('SIGTERM')
      const { code, signal, said } = await ended
      expect([code, signal], said).to.deep.equal([0, null])
    }
  })
})
