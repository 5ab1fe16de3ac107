import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { type System, startSystem } from '../../../local/system/system.ts'
import { serviceNames } from '../../../services/registry.ts'
import { isAlive } from '../../../system/process.ts'
import { readRunList } from '../../../system/run-list.ts'
import { standInBuild, tempFolder } from '../stand-ins.ts'

const given = {
  AMQP_URL: 'amqp://me:secret@broker.example:5672/mine,amqp://me:secret@other.example:5672/mine',
  MONGODB_URL: 'mongodb://me:secret@store.example:27017/?replicaSet=rs',
}
const redisUrl = 'redis://cache.example:6379'
const names = ['payment-provider', 'carrier', ...serviceNames]

describe('a running system', function () {
  this.timeout(60_000)
  const folder = tempFolder()
  const build = tempFolder()
  const { variables, ended } = standInBuild(build.path)
  const said: string[] = []
  let system: System
  let httpPort: number

  const start = async (more: { signal?: AbortSignal } = {}) =>
    startSystem({
      ...{ folder: folder.path, httpPort, build: build.path, say: line => said.push(line) },
      env: { ...process.env, ...given, REDIS_URL_FILE: join(build.path, 'redis-url'), ...variables },
      ...more,
    })
  const entry = (name: string) => readRunList(folder.path).find(each => each.name === name)

  before(async () => {
    writeFileSync(join(build.path, 'redis-url'), `${redisUrl}\n`)
    httpPort = await freePort()
    system = await start()
  })

  after(async () => {
    await system.stop()
    folder.remove()
    build.remove()
  })

  it('lists in run.json what runs, with pids, ports and logs, and no credentials', () => {
    const run = readRunList(folder.path)
    expect(run).to.deep.equal(system.run())
    expect(run.map(each => each.name)).to.have.members(['rabbitmq', 'mongodb', 'redis', ...names])
    for (const each of run.filter(({ kind }) => kind !== 'server')) {
      expect(isAlive(each.pid ?? 0), each.name).to.equal(true)
      expect(each.log).to.equal(join(folder.path, 'logs', `${each.name}.log`))
    }
    expect(entry('order')).to.include({
      kind: 'service',
      port: httpPort,
      url: `http://127.0.0.1:${httpPort}`,
    })
    const ports = JSON.parse(readFileSync(join(folder.path, 'ports.json'), 'utf8'))
    for (const { name, privateUrl } of run.filter(({ kind }) => kind === 'service'))
      expect(privateUrl, name).to.equal(`http://127.0.0.1:${ports[name]}`)
    expect(entry('mongodb')).to.include({ pid: null, port: 27017, log: null })
    const addresses = 'amqp://broker.example:5672/mine,amqp://other.example:5672/mine'
    expect(entry('rabbitmq')).to.include({ pid: null, port: 5672, url: addresses })
    expect(readFileSync(join(folder.path, 'run.json'), 'utf8')).to.not.include('secret')
  })

  it('tells each service its own ports and servers', async () => {
    const told = (await (await fetch(system.url)).json()) as Record<string, string>
    expect(told).to.include({ ...given, REDIS_URL: redisUrl, CHOREO_HTTP_PORT: String(httpPort) })
    expect(told).to.not.have.property('REDIS_URL_FILE')
    expect(told.INVENTORY_URL).to.equal(entry('inventory')?.url)
    expect(told.PAYMENT_URL).to.equal(entry('payment')?.url)
    expect(told.SHIPPING_URL).to.equal(entry('shipping')?.url)
    expect(told.CHOREO_HEALTH_PORT).to.not.equal(told.CHOREO_HTTP_PORT)
  })

  it('starts a service that was killed again on its port, and says so', async () => {
    const before = entry('payment')
    process.kill(before?.pid ?? 0, 'SIGKILL')
    const isBack = async () => said.some(line => /^payment is back/.test(line))
    await waitUntil('payment', isBack, { deadlineMs: 20_000 })
    expect(entry('payment')).to.include({ port: before?.port, kind: 'service' })
    expect(entry('payment')?.pid).to.not.equal(before?.pid)
    expect(said.join('\n')).to.match(
      /payment died \(SIGKILL\); starting it again in \d+ ms, see .*payment\.log/,
    )
  })

  it('refuses a second start in the same folder and names who runs there', async () => {
    const refused = await start().catch(error => error)
    expect(refused).to.include({ code: 'already-running' })
    expect(refused.message).to.include(`pid ${process.pid}`).and.include(folder.path)
  })

  it('refuses a taken port, naming it and the variable, and leaves nothing behind', async () => {
    const other = tempFolder()
    const refused = await startSystem({ folder: other.path, httpPort, build: build.path }).catch(
      error => error,
    )
    expect(refused).to.include({ code: 'port-taken' })
    expect(refused.message).to.include(String(httpPort)).and.include('CHOREO_HTTP_PORT')
    expect(readRunList(other.path)).to.deep.equal([])
    other.remove()
  })

  it('ends services before providers at stop, and comes back on the same ports', async () => {
    const [pids, ports] = [system.run().map(({ pid }) => pid), system.run().map(({ port }) => port)]
    await system.stop()
    expect(pids.filter(pid => pid !== null && isAlive(pid))).to.deep.equal([])
    expect(readRunList(folder.path)).to.deep.equal([])
    const order = ended()
    expect(order).to.have.lengthOf(names.length)
    expect(order.slice(-2).every(path => path.startsWith('local/providers/'))).to.equal(true)
    system = await start()
    expect(system.run().map(({ port }) => port)).to.have.members(ports)
  })

  it('stops what has come up when it is asked to stop during the start', async () => {
    await system.stop()
    const asked = new AbortController()
    const starting = start({ signal: asked.signal }).catch(error => error)
    const someRuns = async () => readRunList(folder.path).some(({ kind }) => kind === 'provider')
    await waitUntil('a provider', someRuns, { deadlineMs: 20_000 })
    const pids = readRunList(folder.path).map(({ pid }) => pid)
    asked.abort()
    expect(await starting).to.include({ code: 'draining' })
    expect(pids.filter(pid => pid !== null && isAlive(pid))).to.deep.equal([])
    system = await start()
  })
})
