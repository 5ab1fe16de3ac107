import { createServer, type IncomingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { connectOnce } from '../../shared/messaging/amqp/connection.ts'
import { adminOf, managementApi } from '../../shared/messaging/topology/management.ts'
import { amqpUrlWith } from '../../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { type Log, silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { needs, rabbitmq } from '../support/servers.ts'
import { until } from './messages.ts'

const password = 'pässwörd/%'
const all = { configure: '.*', write: '.*', read: '.*' }

describe('entering a vhost of RabbitMQ', () => {
  const user = `ädá-${systemRandom.id()}`
  const vhost = `a/b-${systemRandom.id()}`
  const at = (place: string) => `/api/${place}/${encodeURIComponent(vhost)}`
  const who = `/api/users/${encodeURIComponent(user)}`
  let url: string
  let api: ReturnType<typeof managementApi>

  needs(rabbitmq)
  before(async () => {
    const broker = await rabbitmq()
    api = managementApi(broker)
    await api('PUT', at('vhosts'), {})
    await api('PUT', who, { password, tags: 'administrator' })
    await api('PUT', `${at('permissions')}/${encodeURIComponent(user)}`, all)
    url = amqpUrlWith(broker.amqpUrl, { vhost, as: { user, password } })
  })
  after(async () => {
    await api('DELETE', at('vhosts'))
    await api('DELETE', who)
  })

  const enter = async (there: string, log: Log = silentLog) => {
    const model = await connectOnce({ url: there, name: 'test', clock: systemClock, log })
    await model.close()
  }
  const refusalOf = async (there: string): Promise<SagaError> => {
    const refused = await enter(there).then(
      () => undefined,
      error => error,
    )
    if (!(refused instanceof SagaError)) throw new Error('let in')
    return refused
  }

  it('is done with a password and a vhost that are escapes in the URL, as the management API does it', async () => {
    await enter(url)
    const { managementUrl } = await rabbitmq()
    const asked = managementApi(adminOf(managementUrl, url))
    expect(await asked('GET', '/api/whoami')).to.have.property('name', user)
  })

  it('says which vhost there is not', async () => {
    const refused = await refusalOf(amqpUrlWith(url, { vhost: 'nowhere/%' }))
    expect([refused.code, refused.retry]).to.deep.equal(['broker-refused', 'never'])
    expect(refused.message).to.include('test cannot connect: there is no vhost "nowhere/%"')
  })

  it('says that the password is wrong, and not which', async () => {
    const refused = await refusalOf(amqpUrlWith(url, { vhost, as: { user, password: 'hush' } }))
    expect([refused.code, refused.retry]).to.deep.equal(['broker-refused', 'never'])
    expect(refused.message).to.include(`user "${user}" or its password is wrong`).and.not.include('hush')
  })

  it('says over the management API that the password is wrong, too', async () => {
    const { managementUrl } = await rabbitmq()
    const admin = { managementUrl, adminUser: user, adminPassword: 'hush' }
    const refused = await managementApi(admin)('GET', '/api/overview').catch((error: SagaError) => error)
    if (!(refused instanceof SagaError)) throw new Error('let in')
    expect([refused.code, refused.retry]).to.deep.equal(['broker-refused', 'never'])
    expect(refused.message).to.include(`user "${user}" or its password is wrong`).and.not.include('hush')
  })

  it('says that the user has no rights in the vhost', async () => {
    await api('DELETE', `${at('permissions')}/${encodeURIComponent(user)}`)
    const refused = await refusalOf(url)
    await api('PUT', `${at('permissions')}/${encodeURIComponent(user)}`, all)
    expect([refused.code, refused.retry]).to.deep.equal(['broker-refused', 'never'])
    expect(refused.message).to.include(`user "${user}" has no rights in vhost "${vhost}"`)
  })

  for (const [what, limits] of [
    ['the vhost', () => at('vhost-limits')],
    ['the user', () => `/api/user-limits/${encodeURIComponent(user)}`],
  ] as const)
    it(`says that ${what} has reached its limit of connections, which may pass`, async () => {
      await api('PUT', `${limits()}/max-connections`, { value: 0 })
      const refused = await refusalOf(url)
      await api('DELETE', `${limits()}/max-connections`)
      expect([refused.code, refused.retry]).to.deep.equal(['broker-refused', 'later'])
      expect(refused.message).to.match(
        new RegExp(`${what.slice(4)} ".*" has reached its limit of connections`),
      )
      await until('it is let in again', () =>
        enter(url).then(
          () => true,
          () => false,
        ),
      )
    })

  it('logs a refusal as one, and a node that is away as that', async () => {
    const lines: string[] = []
    const note = (text: string, fields = {}) => void lines.push(`${text} ${JSON.stringify(fields)}`)
    const log = { info: note, warn: note, error: note }
    await enter(amqpUrlWith(url, { vhost: 'nowhere' }), log).catch(() => {})
    await enter(`amqp://127.0.0.1:${await freePort()}/v`, log).catch(() => {})
    expect(lines[0]).to.match(/^the broker refuses the connection .*"code":"broker-refused".*no vhost/)
    expect(lines[1]).to.match(/^broker cannot be reached .*ECONNREFUSED/)
  })
})

describe('the management API behind a path', () => {
  it('is asked below it, also with a vhost that is an escape', async () => {
    const asked: { url: string | undefined; headers: IncomingHttpHeaders }[] = []
    const server = createServer(({ url, headers }, response) => {
      asked.push({ url, headers })
      response.end('[]')
    })
    const port = await freePort()
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    const admin = adminOf(`http://p%C3%A4:%2F%25@127.0.0.1:${port}/rabbit/`, 'amqp://one/v')
    await managementApi(admin)('GET', '/api/queues/a%2Fb')
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    expect(asked.map(({ url }) => url)).to.deep.equal(['/rabbit/api/queues/a%2Fb'])
    const sent = `Basic ${Buffer.from('pä:/%').toString('base64')}`
    expect(asked[0]?.headers.authorization).to.equal(sent)
  })
})
