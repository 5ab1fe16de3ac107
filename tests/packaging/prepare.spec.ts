import { connect } from 'amqplib'
import { expect } from 'chai'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { prepare } from '../../rabbitmq/prepare.ts'
import { storeUserNames } from '../../services/store-users.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { needs, rabbitmq, type Vhost, vhost } from '../support/servers.ts'
import { userMongoDb } from '../support/user-mongodb.ts'

describe('the preparation of the servers', () => {
  needs(rabbitmq)
  let here: Vhost
  let env: Record<string, string>

  before(async () => {
    here = await vhost()
    const { managementUrl } = await rabbitmq()
    const passwords = brokerUsers.map(user => [`${user.toUpperCase()}_PASSWORD`, `first-password-of-${user}`])
    env = {
      ...{ AMQP_URL: here.amqpUrl, RABBITMQ_MANAGEMENT_URL: managementUrl },
      ...{ CHOREO_BROKER_USER_PREFIX: `${here.name}.`, ...Object.fromEntries(passwords) },
    }
  })
  after(async () => {
    for (const user of brokerUsers) await here.api('DELETE', `/api/users/${here.name}.${user}`)
    await here.drop()
  })

  /** Logs in as a service and looks at its own inbox; the name of the error when it may not. */
  const entering = async (user: string, password: string): Promise<string> => {
    const url = new URL(here.amqpUrl)
    url.username = `${here.name}.${user}`
    url.password = password
    try {
      const connection = await connect(url.href)
      await connection.close()
      return 'in'
    } catch (error) {
      return /ACCESS_REFUSED|403/.test(String(error)) ? 'refused' : String(error)
    }
  }

  it('lets every user in with its password, and with no other', async () => {
    await prepare(env, silentLog)
    for (const user of brokerUsers)
      expect(await entering(user, `first-password-of-${user}`), user).to.equal('in')
    expect(await entering('order', 'first-password-of-payment')).to.equal('refused')
  })

  it('declares the inboxes of the services', async () => {
    const queues = (await here.api('GET', `/api/queues/${here.name}`)) as { name: string }[]
    expect(queues.map(({ name }) => name)).to.include.members([
      'order.inbox',
      'shipping.inbox',
      'saga.journal',
    ])
  })

  it('keeps what is in a queue when it is repeated, and changes a password', async () => {
    const count = async () => {
      const found = await here.api('POST', `/api/queues/${here.name}/order.inbox/get`, {
        ...{ count: 1, ackmode: 'reject_requeue_true', encoding: 'auto' },
      })
      return (found as unknown[]).length
    }
    const message = { properties: {}, routing_key: 'order.inbox', payload: '{}', payload_encoding: 'string' }
    await here.api('POST', `/api/exchanges/${here.name}/amq.default/publish`, message)
    expect(await count()).to.equal(1)
    await prepare({ ...env, ORDER_PASSWORD: 'second-password-of-order' }, silentLog)
    expect(await count()).to.equal(1)
    expect(await entering('order', 'second-password-of-order')).to.equal('in')
    expect(await entering('order', 'first-password-of-order')).to.equal('refused')
  })

  it('makes the users of MongoDB as well where it is told of an administrator', async () => {
    const mongodb = await userMongoDb()
    try {
      const passwords = storeUserNames.map(user => [
        `MONGODB_${user.toUpperCase()}_PASSWORD`,
        `password-of-${user}-there`,
      ])
      const admin = { MONGODB_ADMIN_URL: `mongodb://127.0.0.1:${mongodb.port}` }
      await prepare({ ...env, ...admin, ...Object.fromEntries(passwords) }, silentLog)
      expect(mongodb.users.get('choreo_order')?.pwd).to.equal('password-of-order-there')
      expect(mongodb.users.size).to.equal(storeUserNames.length)
    } finally {
      mongodb.close()
    }
  })

  it('asks for the passwords in MongoDB then', async () => {
    const admin = { MONGODB_ADMIN_URL: 'mongodb://nowhere.invalid' }
    const refusal = await prepare({ ...env, ...admin }, silentLog).catch((error: Error) => error)
    expect(String(refusal))
      .to.include('MONGODB_ORDER_PASSWORD: expected')
      .and.include('MONGODB_OPERATOR_PASSWORD')
  })

  it('names a password that is missing or too short, and tells none', async () => {
    const refusal = await prepare(
      { ...env, ORDER_PASSWORD: '', PAYMENT_PASSWORD: 'short-one' },
      silentLog,
    ).then(
      () => new Error('prepared'),
      (error: Error) => error,
    )
    expect(hasCode(refusal, 'config-invalid')).to.equal(true)
    expect(refusal.message)
      .to.include('ORDER_PASSWORD: expected')
      .and.to.include('PAYMENT_PASSWORD: expected')
    expect(refusal.message).not.to.include('short-one')
    expect(refusal.message).not.to.include('first-password')
  })
})
