import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { ensureInstalled } from '../../local/bring-up/install.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { type RabbitMq, startRabbitMq } from '../../local/servers/rabbitmq.ts'
import { chosenInstallation } from '../../local/servers/rabbitmq-installation.ts'
import { findProgram } from '../../local/supervision/find-program.ts'
import { type OwnedProcess, startOwned } from '../../local/supervision/owned-process.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { tempFolder } from '../local/stand-ins.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('reach-over-tls.js', import.meta.url))

/** A CA of one's own in `folder`, and a server of this machine that it vouches for. */
const certificatesIn = async (folder: string): Promise<void> => {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  const short = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl('req', '-x509', ...short, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Our CA')
  await openssl('req', ...short, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  await openssl('x509', '-req', '-in', 'server.csr', ...by, '-out', 'server.pem')
  for (const file of ['server.key', 'server.pem', 'ca.pem']) chmodSync(join(folder, file), 0o644)
}

describe('servers with certificates of a private CA', function () {
  this.timeout(120_000)
  const folder = tempFolder()
  const brokerFolder = join(folder.path, 'rabbitmq')
  const ca = join(brokerFolder, 'tls', 'ca.pem')
  let broker: RabbitMq | undefined
  let redis: OwnedProcess | undefined
  let urls: Record<string, string>

  before(async function () {
    if (!findProgram('openssl')) this.skip()
    await ensureInstalled(['rabbitmq-server', 'redis-server'], () => {})
    for (const name of ['tls', 'conf.d']) mkdirSync(join(brokerFolder, name), { recursive: true })
    await certificatesIn(join(brokerFolder, 'tls'))
    const [amqps, https, rediss] = [await freePort(), await freePort(), await freePort()]
    const seen = join(chosenInstallation().seen(brokerFolder), 'tls')
    const files = (prefix: string) =>
      `${prefix}.cacertfile = ${seen}/ca.pem\n${prefix}.certfile = ${seen}/server.pem\n${prefix}.keyfile = ${seen}/server.key\n`
    const listens = `listeners.ssl.local = 127.0.0.1:${amqps}\nmanagement.ssl.ip = 127.0.0.1\nmanagement.ssl.port = ${https}\n`
    const conf = `${listens}${files('ssl_options')}${files('management.ssl')}`
    writeFileSync(join(brokerFolder, 'conf.d', 'tls.conf'), conf)
    broker = await startRabbitMq({ folder: brokerFolder, log: silentLog })
    const tls = (name: string, file: string) => [`--tls-${name}`, join(brokerFolder, 'tls', file)]
    redis = await startOwned({
      ...{ name: 'redis', folder: join(folder.path, 'redis'), env: process.env },
      command: findProgram('redis-server') ?? '',
      args: [
        ...['--port', '0', '--tls-port', String(rediss), '--bind', '127.0.0.1', '--save', ''],
        ...[...tls('cert-file', 'server.pem'), ...tls('key-file', 'server.key')],
        ...[...tls('ca-cert-file', 'ca.pem'), '--tls-auth-clients', 'no'],
      ],
      logFile: join(folder.path, 'redis.log'),
    })
    const { adminUser, adminPassword } = broker
    urls = {
      AMQP_URL: `amqps://${adminUser}:${adminPassword}@localhost:${amqps}/%2F`,
      MANAGEMENT_URL: `https://127.0.0.1:${https}`,
      REDIS_URL: `rediss://localhost:${rediss}`,
      ADMIN: `${adminUser}:${adminPassword}`,
    }
  })
  after(async () => {
    await Promise.all([broker?.kill(), redis?.kill()])
    folder.remove()
  })

  const reached = async (more: Record<string, string>): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [program], { env: { ...process.env, ...urls, ...more } })
    return JSON.parse(stdout)
  }

  it('are reached over TLS with the CA in NODE_EXTRA_CA_CERTS', async () => {
    const all = { amqp: 'reached', management: 'reached', redis: 'reached' }
    expect(await reached({ NODE_EXTRA_CA_CERTS: ca })).to.deep.equal(all)
    const vhost = { AMQP_URL: (urls.AMQP_URL ?? '').replace(/%2F$/, 'nowhere') }
    expect(
      await reached({ NODE_EXTRA_CA_CERTS: ca, ...vhost }),
      'a refusal is one over TLS too',
    ).to.deep.equal({ ...all, amqp: 'broker-refused broker-refused' })
  })

  it('are not spoken to without it', async () => {
    const unknown = /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/
    const outcome = (await reached({ NODE_EXTRA_CA_CERTS: '' })) as Record<string, string>
    for (const [name, code] of Object.entries(outcome)) expect(code, name).to.match(unknown)
  })
})
