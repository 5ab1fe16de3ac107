import { type ChannelModel, connect } from 'amqplib'
import { expect } from 'chai'
import { participants, shopTopology } from '../../rabbitmq/participants.ts'
import { events } from '../../services/contract/shop.ts'
import { type RabbitMqSubject, rabbitMqSubject, shortWaitMs } from '../messaging/subjects.ts'
import { needs, rabbitmq } from '../support/servers.ts'
import { type Attempt, answerTo, consuming, getting, loggingIn, publishing } from './attempts.ts'

const topology = shopTopology([shortWaitMs])
const wait = `saga.wait.${shortWaitMs / 1_000}s`
const services = participants.map(({ service }) => service)
const users = topology.users.map(({ name }) => name).filter(name => name !== 'operator')
const queues = topology.queues.map(({ name }) => name)

describe('the rights on the broker', function () {
  this.timeout(60_000)
  needs(rabbitmq)
  let subject: RabbitMqSubject
  const connections = new Map<string, ChannelModel>()

  before(async () => {
    subject = await rabbitMqSubject()
    for (const user of [...users, 'operator']) {
      const connection = await connect(subject.urlOf(user))
      connection.on('error', () => {})
      connections.set(user, connection)
    }
  })
  after(async () => {
    for (const connection of connections.values()) await connection.close().catch(() => {})
    await subject?.stop()
  })

  /** Which of the attempts the user got away with. */
  const allowed = async (user: string, attempts: Readonly<Record<string, Attempt>>): Promise<string[]> => {
    const connection = connections.get(user)
    if (!connection) throw new Error(`${user} is not connected`)
    const answers: string[] = []
    for (const [what, attempt] of Object.entries(attempts)) {
      const answer = await answerTo(connection, attempt)
      expect(answer, `${user}: ${what}`).to.be.oneOf(['allowed', 403])
      if (answer === 'allowed') answers.push(what)
    }
    return answers
  }
  const named = (names: readonly string[], attempt: (name: string) => Attempt) =>
    Object.fromEntries(names.map(name => [name, attempt(name)]))
  const ownEvents = (user: string) => [
    ...events.filter(({ owner }) => owner === user).map(({ type }) => type),
    ...(services.includes(user)
      ? ['attempt-failed', 'parked', 'repaired'].map(kind => `${user}.${kind}`)
      : []),
  ]
  const everyKey = [
    ...events.map(({ type }) => type),
    ...services.flatMap(name => ['attempt-failed', 'parked', 'repaired'].map(kind => `${name}.${kind}`)),
    ...['order.invented', 'payment.captured.more', 'payment', '#', ''],
  ]
  const ownService = (user: string) => (services.includes(user) ? [user] : [])

  for (const user of users)
    describe(`of ${user}`, () => {
      it("[I24] let it publish its own events and notices, and nobody else's", async () => {
        const got = await allowed(
          user,
          named(everyKey, key => publishing('saga.events', key)),
        )
        expect(got).to.have.members(ownEvents(user))
      })

      it('[I24] let it send to its own inbox by way of a wait, and to no other inbox in any way', async () => {
        const inboxes = services.map(name => `${name}.inbox`)
        const byWait = await allowed(
          user,
          named(inboxes, inbox => publishing(wait, inbox)),
        )
        expect(byWait).to.deep.equal(ownService(user).map(name => `${name}.inbox`))
        expect(
          await allowed(
            user,
            named(queues, queue => publishing('', queue)),
          ),
        ).to.deep.equal([])
        for (const exchange of ['saga.inboxes', 'saga.unrouted', 'amq.topic'])
          expect(
            await allowed(
              user,
              named(['order.placed', 'payment.captured', '#'], key => publishing(exchange, key)),
            ),
            exchange,
          ).to.deep.equal([])
      })

      it('[I24] let it park in its own dead letters, and in no others', async () => {
        const got = await allowed(
          user,
          named(services, name => publishing('saga.dlx', name)),
        )
        expect(got).to.deep.equal(ownService(user))
      })

      it('[I24] let it read one queue only', async () => {
        const own = services.includes(user) ? `${user}.inbox` : 'saga.journal'
        const others = queues.filter(queue => queue !== own)
        if (services.includes(user)) expect(await allowed(user, named([own], getting))).to.deep.equal([own])
        expect(
          await allowed(
            user,
            named(
              others.filter(queue => queue !== 'saga.journal'),
              getting,
            ),
          ),
        ).to.deep.equal([])
        expect(await allowed(user, named(others, consuming))).to.deep.equal([])
        expect(
          await allowed(
            user,
            named(others, queue => channel => channel.purgeQueue(queue)),
          ),
        ).to.deep.equal([])
      })

      it('[I24] let it change nothing of the topology', async () => {
        const exchanges = topology.exchanges.map(({ name }) => name)
        const changes: Record<string, Attempt> = {
          'declare a queue': channel => channel.assertQueue('mine', { durable: true }),
          "declare a queue of the broker's choice": channel => channel.assertQueue('', { exclusive: true }),
          'declare an exchange': channel => channel.assertExchange('mine', 'topic'),
          ...named(
            queues.map(name => `delete ${name}`),
            what => channel => channel.deleteQueue(what.slice('delete '.length)),
          ),
          ...named(
            exchanges.map(name => `delete ${name}`),
            what => channel => channel.deleteExchange(what.slice('delete '.length)),
          ),
          ...named(
            queues.map(name => `bind ${name}`),
            what => channel => channel.bindQueue(what.slice('bind '.length), 'saga.events', '#'),
          ),
          ...named(
            queues.map(name => `unbind ${name}`),
            what => channel => channel.unbindQueue(what.slice('unbind '.length), 'saga.inboxes', '#'),
          ),
          'bind exchanges': channel => channel.bindExchange('saga.inboxes', 'saga.events', '#'),
        }
        expect(await allowed(user, changes)).to.deep.equal([])
      })

      it('[I24] let it nowhere with another password, in another vhost, or in the management API', async () => {
        expect(await loggingIn(subject.urlOf(user))).to.equal('allowed')
        const wrong = new URL(subject.urlOf(user))
        wrong.password = 'guessed'
        expect(await loggingIn(wrong.href)).to.equal('refused')
        const elsewhere = new URL(subject.urlOf(user))
        elsewhere.pathname = '/%2F'
        expect(await loggingIn(elsewhere.href)).to.equal('refused')
        const { username, password } = new URL(subject.urlOf(user))
        const { managementUrl } = await rabbitmq()
        const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        for (const path of ['/api/overview', '/api/queues', `/api/definitions/${subject.vhost}`]) {
          const answer = await fetch(managementUrl + path, { headers: { authorization } })
          expect(answer.status, path).to.equal(401)
        }
      })
    })

  it('[I24] know no guest', async function () {
    const { amqpUrl, ours } = await rabbitmq()
    if (!ours) this.skip()
    const guest = new URL(`${amqpUrl}/%2F`)
    Object.assign(guest, { username: 'guest', password: 'guest' })
    expect(await loggingIn(guest.href)).to.equal('refused')
  })

  it('let the operator do all of it, so that the refusals above are of rights and not of mistakes', async () => {
    const keys = events.map(({ type }) => type)
    const attempts = {
      ...named(keys, key => publishing('saga.events', key)),
      'declare a queue': (channel => channel.assertQueue('mine', { durable: true })) satisfies Attempt,
      'purge an inbox': (channel => channel.purgeQueue('order.inbox')) satisfies Attempt,
      'delete a queue': (channel => channel.deleteQueue('mine')) satisfies Attempt,
      'write to an inbox': publishing('', 'order.inbox'),
      'read dead letters': getting('order.dlq'),
    }
    expect(await allowed('operator', attempts)).to.deep.equal(Object.keys(attempts))
  })

  it('[I24] let nobody claim to be another user', async () => {
    const connection = connections.get('payment')
    if (!connection) throw new Error('payment is not connected')
    const claim: Attempt = async channel => {
      channel.publish('saga.events', 'payment.captured', Buffer.from('{}'), { userId: 'operator' })
      await channel.waitForConfirms()
    }
    expect(await answerTo(connection, claim)).to.equal(406)
  })
})
