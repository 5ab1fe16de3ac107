import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { otherNames, urlVariableOf } from '../../services/order/configuration.ts'
import { deadLettersOf } from '../../shared/messaging/topology/names.ts'
import { bareEnv } from '../cli/choreo.ts'
import { stepsOf } from '../docs/page.ts'
import { openShell } from '../docs/shell.ts'
import { mongodb, needs, rabbitmq, redis, type Vhost, vhost } from '../support/servers.ts'
import { askedBy, composeServices, filledIn } from './compose.ts'
import { healthCheckOf } from './dockerfile.ts'
import { filesOfImage, type ImageFiles } from './image.ts'
import { read } from './project.ts'

const compose = read('docker-compose.yml')
const { tools: container } = composeServices(
  filledIn(compose, Object.fromEntries(askedBy(compose).map(name => [name, `some-${name}`]))),
)

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

  /**
   * Starts Node in the folder of the image with these variables and no others; everything that it says is kept.
   */
  const start = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, args, {
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
  const end = async ({ child, ended }: ReturnType<typeof start>) => {
    child.kill('SIGTERM')
    const { code, signal, said } = await ended
    expect([code, signal], said).to.deep.equal([0, null])
  }
  /** The health check of the image, for a private port other than 3100. */
  const isHealthy = async (port: number) => {
    const [, ...args] = healthCheckOf(read('Dockerfile')).map(word => word.replace(':3100/', `:${port}/`))
    return (await start(args).ended).code === 0
  }
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
    const { ended } = start(['dist/rabbitmq/prepare.js'], {
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
    const where = ['--port', `${providerPort}`, '--data', ledger]
    const provider = start(['dist/local/providers/payment-provider.js', ...where])
    await answers(`http://127.0.0.1:${providerPort}/readyz`, provider)
    const payment = start(['dist/services/payment/main.js'], {
      ...servers,
      AMQP_URL: serviceUrl('payment'),
      PAYMENT_PROVIDER_URL: `http://127.0.0.1:${providerPort}`,
      CHOREO_HEALTH_PORT: String(port),
    })
    await answers(`http://127.0.0.1:${port}/readyz`, payment)
    expect([await isHealthy(port), await isHealthy(providerPort)]).to.deep.equal([true, true])
    for (const program of [payment, provider]) await end(program)
    expect(await isHealthy(port)).to.equal(false)
  })

  it('are healthy while RabbitMQ is away, although they are not ready for all of their work', async () => {
    const port = await freePort()
    const inventory = start(['dist/services/inventory/main.js'], {
      ...servers,
      AMQP_URL: `amqp://nobody:nowhere@127.0.0.1:${await freePort()}/choreo`,
      CHOREO_HEALTH_PORT: String(port),
    })
    await answers(`http://127.0.0.1:${port}/livez`, inventory)
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).to.equal(503)
    expect(await isHealthy(port)).to.equal(true)
    await end(inventory)
  })

  describe('as the command line', () => {
    const [key, callerKey] = ['the-key-of-an-operator-in-the-image', 'the-key-of-a-caller-in-the-image']
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const services: ReturnType<typeof start>[] = []
    let told: Record<string, string>

    before(async () => {
      const [httpPort, orderPort, trackingPort] = [await freePort(), await freePort(), await freePort()]
      const { MONGODB_URL = '' } = servers
      const tracking = { MONGODB_URL, CHOREO_HEALTH_PORT: String(trackingPort) }
      const order = {
        ...servers,
        ...{ CHOREO_HTTP_PORT: String(httpPort), CHOREO_HEALTH_PORT: String(orderPort) },
        CHOREO_OPERATOR_KEYS: `operator:${sha256(key)}`,
        CHOREO_CALLER_KEYS: `shop:${sha256(callerKey)}`,
        ...Object.fromEntries(
          otherNames.map(name => [urlVariableOf(name), `http://127.0.0.1:${trackingPort}`]),
        ),
      }
      for (const [name, env] of Object.entries({ tracking, order }))
        services.push(start([`dist/services/${name}/main.js`], { ...env, AMQP_URL: serviceUrl(name) }))
      const [running] = services
      for (const port of [trackingPort, orderPort])
        if (running) await answers(`http://127.0.0.1:${port}/readyz`, running)
      const { managementUrl } = await rabbitmq()
      told = {
        ...{ CHOREO_URL: `http://127.0.0.1:${httpPort}`, CHOREO_KEY: key, MONGODB_URL },
        ...{ AMQP_URL: serviceUrl('operator'), RABBITMQ_MANAGEMENT_URL: managementUrl },
      }
    })
    after(async () => {
      for (const service of services) await end(service)
    })

    /** What the container `tools` would run for `docker compose run --rm tools …`. */
    const tools = (...words: string[]) => {
      const [, ...entry] = container?.entrypoint ?? []
      return start([...entry, ...words], told).ended
    }

    it('are told what the container of the tools is told', () => {
      expect(Object.keys(told).toSorted()).to.deep.equal(Object.keys(container?.environment ?? {}).toSorted())
    })

    it('explain themselves', async () => {
      const { code, said } = await tools('--help')
      expect([code, said.split('\n')[0]]).to.deep.equal([0, 'Usage: choreo [options] [command]'])
    })

    it('list the order that the page about containers sends', async () => {
      expect(await tools('saga', 'list')).to.deep.include({ code: 0, said: 'no orders\n' })
      const [, order] = stepsOf(read('docs/how-to/run-in-containers.md'))
      writeFileSync(join(data, '.env'), `CALLER_KEY=${callerKey}\n`)
      const shell = openShell(data, bareEnv())
      const answer = await shell.run(
        (order?.shell ?? '').replace('http://127.0.0.1:3000', told.CHOREO_URL ?? ''),
      )
      shell.close()
      const [id = answer] = /ord_\w+/.exec(answer) ?? []
      const list = async () => (await tools('saga', 'list')).said.includes(id)
      await waitUntil('the order is listed', list, { deadlineMs: 30_000 })
    })

    it('compare the broker with what is declared, and tell how it is', async () => {
      const { code, said } = await tools('topology', 'plan')
      expect([code, said]).to.deep.equal([0, 'the broker has all that is declared\n'])
      expect((await tools('status')).said).to.match(/payment/)
    })

    it('list dead letters, look at them, and send them again', async () => {
      expect(await tools('dlq', 'list')).to.deep.include({ code: 0, said: 'no dead letters\n' })
      const unreadable = { properties: { message_id: 'one' }, payload: '{', payload_encoding: 'string' }
      const about = { ...unreadable, routing_key: deadLettersOf('payment') }
      await here.api('POST', `/api/exchanges/${here.name}/amq.default/publish`, about)
      const listed = await tools('dlq', 'list')
      expect(listed.code).to.equal(1)
      expect(listed.said).to.match(/payment/)
      expect((await tools('dlq', 'replay', '--dry-run')).code).to.equal(1)
      expect((await tools('dlq', 'replay', '--message', 'one', '--force')).code).to.equal(0)
      expect(await tools('dlq', 'list')).to.deep.include({ code: 0, said: 'no dead letters\n' })
    })
  })
})
