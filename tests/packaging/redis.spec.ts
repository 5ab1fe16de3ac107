import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ensureInstalled } from '../../local/bring-up/install.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { askedBy, composeServices, filledIn } from './compose.ts'
import { read } from './project.ts'

const password = 'the-password-of-redis'
const text = read('docker-compose.yml')
const given = Object.fromEntries(askedBy(text).map(name => [name, `some-${name}`]))
const { redis, payment } = composeServices(filledIn(text, { ...given, REDIS_PASSWORD: password }))

describe('the Redis of the compose file', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'choreo-redis-'))
  let server: ChildProcess
  let port: number

  /** Its health check, with the variables of its container or others. */
  const check = (env: Record<string, string> = redis?.environment ?? {}): string => {
    const [, program = '', ...args] = redis?.healthcheck?.test ?? []
    try {
      return execFileSync(program, ['-p', String(port), ...args], {
        ...{ encoding: 'utf8', stdio: 'pipe', env: { PATH: process.env.PATH, ...env } },
      }).trim()
    } catch {
      return 'unhealthy'
    }
  }

  before(async () => {
    await ensureInstalled(['redis-server'], () => {})
    port = await freePort()
    const [program = '', ...args] = String(redis?.command)
      .split(' ')
      .map(word => (word === '""' ? '' : word))
    const here = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
    server = spawn(program, [...args, ...here], { stdio: 'ignore' })
    await waitUntil('redis', async () => check() === 'PONG', { deadlineMs: 30_000 })
  })
  after(() => {
    server?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('is unhealthy to whoever does not know its password', () => {
    expect(check({})).to.equal('unhealthy')
  })

  it('lets a service in with its URL, and nobody without the password', async () => {
    const answer = async (url: string) => {
      const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
      client.on('error', () => {})
      return client
        .connect()
        .then(() => client.ping())
        .catch(String)
        .finally(() => client.disconnect())
    }
    const url = (payment?.environment.REDIS_URL ?? '').replace('redis:6379', `127.0.0.1:${port}`)
    expect(await answer(url)).to.equal('PONG')
    expect(await answer(url.replace(`:${password}@`, ''))).to.match(/^Error/)
  })
})
