import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { bringUpServers } from '../../../local/bring-up/bring-up.ts'
import { givenBroker } from '../../../local/bring-up/connections.ts'
import { withGivenUrls } from '../../../local/bring-up/given-urls.ts'
import { freePort } from '../../../local/bring-up/ports.ts'
import { makeBrokerReady } from '../../../local/bring-up/topology.ts'
import type { Context } from '../../../local/supervision/context.ts'
import { brokerUsers } from '../../../rabbitmq/declared.ts'
import { managementApi } from '../../../shared/messaging/topology/management.ts'
import { amqpUrlWith, setCredentials } from '../../../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { needs, rabbitmq } from '../../support/servers.ts'
import { tempFolder } from '../stand-ins.ts'

const passwords = Object.fromEntries(brokerUsers.map(user => [user, `${user}-pä/%`]))

describe('servers that are given', () => {
  const folder = tempFolder()
  after(folder.remove)

  for (const [variable, url] of [
    ['AMQP_URL', 'amqp://me:hush/%@one/v'],
    ['RABBITMQ_MANAGEMENT_URL', 'http://me:hush%@one'],
    ['MONGODB_URL', 'mongo://me:hush@one'],
    ['REDIS_URL', 'redis://:hush@one/two'],
  ] as const)
    it(`are refused before anything is started when ${variable} cannot be read`, async () => {
      const said: string[] = []
      const context: Context = {
        ...{ folder: folder.path, build: folder.path, log: silentLog, env: { [variable]: url } },
        ...{ list: undefined as never, random: systemRandom, started: [], say: line => void said.push(line) },
      }
      const refused = await bringUpServers(context).catch(error => error)
      expect([refused.code, said]).to.deep.equal(['config-invalid', []])
      expect(refused.message).to.include(variable).and.not.include('hush')
    })

  it('may be named by files, as for the services; a file and a value, or no file, are refused', () => {
    const file = join(folder.path, 'redis-url')
    writeFileSync(file, 'redis://:hush@one/2\n')
    const env = { REDIS_URL_FILE: file, MONGODB_URL: 'mongodb://one', AMQP_URL: '', OTHER_FILE: 'x' }
    expect(withGivenUrls(env)).to.deep.equal({
      ...{ REDIS_URL: 'redis://:hush@one/2', MONGODB_URL: 'mongodb://one', OTHER_FILE: 'x' },
    })
    for (const wrong of [{ ...env, REDIS_URL: 'redis://two' }, { REDIS_URL_FILE: `${file}-nowhere` }])
      expect(() => withGivenUrls(wrong))
        .to.throw(SagaError, /REDIS_URL/)
        .with.property('code', 'config-invalid')
  })
})

describe('a RabbitMQ that is given', () => {
  const vhost = `a/b%-${systemRandom.id()}`
  const admin = { user: `rööt-${systemRandom.id()}`, password: 'pässwörd/%' }
  const who = `/api/users/${encodeURIComponent(admin.user)}`
  let api: ReturnType<typeof managementApi>
  needs(rabbitmq)
  before(async () => {
    api = managementApi(await rabbitmq())
    await api('PUT', who, { password: admin.password, tags: 'administrator' })
  })
  after(async () => {
    await api('DELETE', `/api/vhosts/${encodeURIComponent(vhost)}`)
    for (const user of brokerUsers)
      await api('DELETE', `/api/users/${encodeURIComponent(`${vhost}.${user}`)}`)
    await api('DELETE', who)
  })

  it('is made ready whatever characters user, password and vhost have, and a refusal is told at once', async () => {
    const { amqpUrl, managementUrl } = await rabbitmq()
    const management = new URL(managementUrl)
    setCredentials(management, admin)
    const url = amqpUrlWith(amqpUrl, { vhost, as: admin })
    await makeBrokerReady(givenBroker(url, management.href), passwords)
    const limit = `/api/vhost-limits/${encodeURIComponent(vhost)}/max-connections`
    await api('PUT', limit, { value: 0 })
    const refused = await makeBrokerReady(givenBroker(url, management.href), passwords).catch(error => error)
    expect(refused.code).to.equal('broker-refused')
    expect(refused.message).to.include(`vhost "${vhost}" has reached its limit of connections`)
  })

  it('that nobody may manage is refused at once when it lets nobody in, and waited for while it is away', async () => {
    const url = amqpUrlWith((await rabbitmq()).amqpUrl, { vhost: 'nowhere' })
    const refused = await makeBrokerReady(givenBroker(url, undefined), passwords).catch(error => error)
    expect(refused.code).to.equal('broker-refused')
    expect(refused.message).to.include('there is no vhost "nowhere"')
    await makeBrokerReady(givenBroker(`amqp://127.0.0.1:${await freePort()}/v`, undefined), passwords)
  })
})
