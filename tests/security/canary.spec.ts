import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { participants } from '../../rabbitmq/participants.ts'
import { batchType } from '../../shared/contract/envelope.ts'
import { parseNoticeType } from '../../shared/contract/notice.ts'
import { browse } from '../../shared/operations/dead-letters.ts'
import { openOperations } from '../../shared/operations/open.ts'
import { until } from '../broker/messages.ts'
import { type BreakableSystem, startBreakableSystem } from '../faults/breakable-system.ts'
import { rawOf, reserved } from '../faults/payment-inbox.ts'
import { readJournal } from '../operations/journal.ts'
import { needs, rabbitmq, redis } from '../servers.ts'

const [adasKey, bobsKey, operatorsKey] = ['key-canary-ada', 'key-canary-bob', 'key-canary-olga']
const strangersKey = 'key-canary-stranger'
const keyOf = (name: string, key: string) => `${name}:${createHash('sha256').update(key).digest('hex')}`
const shipTo = {
  ...{ name: 'Canary Nightingale', line1: '77 Canaryrow', city: 'Canaryville' },
  ...{ postalCode: 'CY1 7AN', country: 'GB' },
}
// Each means something to the simulated provider: works at the second try, and unknown.
const [goodToken, badToken] = ['tok_flaky_000001', 'tok_canary_3f9d']
const mongoSecret = 'appcanary7c1'
const redisSecret = 'rediscanary2b8'

/** What must not be seen anywhere, by what it is. */
type Canaries = Readonly<Record<string, string>>

describe('secrets and addresses in a whole system', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  let whole: BreakableSystem
  let canaries: Canaries
  /** Everything that somebody could read, by where. */
  const seen = new Map<string, string>()

  const amqpUrl = () => {
    const { adminUser, adminPassword, amqpPort } = whole.broker
    return `amqp://${adminUser}:${adminPassword}@127.0.0.1:${amqpPort}/choreo`
  }
  const ask = async (method: string, path: string, key?: string, body?: unknown, more: object = {}) => {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(whole.system.url + path, {
      ...{ method, headers: { 'content-type': 'application/json', ...authorization, ...more } },
      ...{ ...sent, signal: AbortSignal.timeout(30_000) },
    })
    const text = await response.text()
    const headers = JSON.stringify([...response.headers])
    seen.set(`${method} ${path} as ${key} (${seen.size}): ${response.status}`, headers + text)
    return {
      status: response.status,
      json: (text.startsWith('{') ? JSON.parse(text) : {}) as { orderId: string; status: string },
    }
  }
  const order = (token: string, change: object = {}) => ({
    ...{ customerId: 'c-1', lines: [{ sku: 'SKU-1', quantity: 1 }], payment: { token }, shipTo },
    ...change,
  })
  const place = async (body: object) => {
    const { status, json } = await ask('POST', '/orders', adasKey, body)
    expect(status).to.equal(202)
    return json.orderId
  }
  const ends = (orderId: string, status: string) =>
    until(
      `${orderId} is ${status}`,
      async () => (await ask('GET', `/orders/${orderId}`, adasKey)).json.status === status,
      60_000,
    )

  before(async () => {
    const variables = {
      CHOREO_CALLER_KEYS: [keyOf('ada', adasKey), keyOf('bob', bobsKey)].join(','),
      CHOREO_OPERATOR_KEYS: keyOf('olga', operatorsKey),
      CHOREO_LOG_LEVEL: 'debug',
    }
    whole = await startBreakableSystem(variables, ({ MONGODB_URL, REDIS_URL }) => ({
      MONGODB_URL: `${MONGODB_URL}/?appName=${mongoSecret}`,
      // A server without a password takes any and warns.
      REDIS_URL: REDIS_URL.replace('//', `//:${redisSecret}@`),
    }))
    const { adminPassword } = whole.broker
    canaries = {
      ...{ goodToken, badToken, mongoSecret, redisSecret, adasKey, bobsKey, operatorsKey, strangersKey },
      ...{ ...shipTo, country: 'Canaryland', adminPassword },
      ...Object.fromEntries(
        Object.entries(whole.system.secrets).map(([name, secret]) => [`password of ${name}`, secret]),
      ),
    }
    await live()
    await lookEverywhere()
  })
  after(async () => {
    await whole?.stop()
  })

  /** Orders of every end, mistakes of callers, poison, and an outage of each server. */
  const live = async () => {
    const confirmed = await place(order(goodToken))
    const declined = await place(order(badToken))
    const refused = await place(order(goodToken, { shipTo: { ...shipTo, postalCode: 'XX0 0XX' } }))
    const cancelled = await place(order('tok_slow'))
    await ask('POST', `/orders/${cancelled}/cancel`, adasKey)
    await mistakes(confirmed)
    await poison()
    await ends(confirmed, 'confirmed')
    await ends(declined, 'rejected')
    await ends(refused, 'cancelled')
    await ends(cancelled, 'cancelled')
    for (const path of ['', '/timeline', '/events'])
      for (const key of [adasKey, operatorsKey]) await ask('GET', `/orders/${confirmed}${path}`, key)
    for (const path of ['/orders', '/orders?customer=c-1', '/openapi.json'])
      await ask('GET', path, operatorsKey)
    await outages()
  }
  const mistakes = async (orderId: string) => {
    const json = JSON.stringify(order(goodToken))
    for (const body of [
      order(goodToken, { [shipTo.line1]: 1 }),
      order('TOK CANARY', { shipTo: { ...shipTo, name: `${shipTo.name}\n` } }),
      order(goodToken, { shipTo: { ...shipTo, line2: shipTo.line1 } }),
      order(goodToken, { payment: { token: { $ne: badToken } } }),
      order(goodToken, { lines: [] }),
      json.slice(0, -1),
      json.replace('tok_', 'tok_\u0000'),
      `${json}${' '.repeat(70_000)}`,
    ])
      expect((await ask('POST', '/orders', adasKey, body)).status).to.be.within(400, 422)
    for (const body of [order(goodToken), order(badToken)])
      await ask('POST', '/orders', adasKey, body, { 'idempotency-key': 'same' })
    expect((await ask('GET', `/orders/${orderId}`, bobsKey)).status).to.equal(404)
    expect((await ask('POST', `/orders/${orderId}/cancel`, bobsKey)).status).to.equal(404)
    expect((await ask('GET', `/orders/${orderId}`, strangersKey)).status).to.equal(401)
    expect((await ask('GET', `/orders/${orderId}`)).status).to.equal(401)
    const restock = await ask('POST', '/stock/SKU-1/restock', adasKey, { units: 1, quantity: 1 })
    expect(restock.status, 'restock is for operators').to.be.oneOf([403, 404])
    await ask('GET', `/orders/${adasKey}`, operatorsKey)
  }
  /** Bodies with canaries that no inbox can take. */
  const poison = async () => {
    const connection = await connect(amqpUrl())
    const channel = await connection.createConfirmChannel()
    const event = JSON.parse(rawOf(reserved()).body.toString()) as { data: object }
    const data = { ...event.data, paymentToken: goodToken, shipTo }
    const text = JSON.stringify({ ...event, data })
    const bodies = [
      text.slice(0, -1),
      JSON.stringify({ ...event, data: { ...data, [shipTo.line1]: 1, total: shipTo.name } }),
      JSON.stringify({ ...event, data: { ...data, paymentToken: shipTo.city } }),
      JSON.stringify({ ...event, dataversion: 99, data }),
      JSON.stringify({ ...event, subject: shipTo.name, data }),
    ]
    const properties = rawOf(reserved()).properties
    for (const body of bodies)
      channel.publish('saga.events', 'inventory.reserved', Buffer.from(body), properties)
    // One that can be read, so that a listing has something to hide.
    const readable = Buffer.from(text)
    channel.publish('saga.events', 'shipment.refused', readable, properties)
    const batch = { ...properties, contentType: batchType }
    channel.publish('saga.events', 'inventory.reserved', Buffer.from(`[${bodies.slice(1).join(',')}]`), batch)
    await channel.waitForConfirms()
    const letters = async () => (await channel.checkQueue('payment.dlq')).messageCount === 2 * bodies.length
    await until('the poison is parked', letters, 20_000)
    await connection.close()
  }
  const outages = async () => {
    for (const server of [whole.redis, whole.mongodb, whole.rabbitmq]) {
      await server.kill()
      const answer = await ask('POST', '/orders', adasKey, order(goodToken))
      expect(answer.status).to.be.oneOf([202, 503])
      await server.startAgain()
    }
    await ends(await place(order(goodToken)), 'confirmed')
  }

  const lookEverywhere = async () => {
    const { folder } = whole.system
    for (const name of readdirSync(join(folder, 'logs')))
      seen.set(`logs/${name}`, readFileSync(join(folder, 'logs', name), 'utf8'))
    seen.set('run.json', readFileSync(join(folder, 'run.json'), 'utf8'))
    seen.set('what the supervisor said', whole.said.join('\n'))
    for (const { name, port } of whole.system.run())
      for (const path of ['/metrics', '/readyz', '/nowhere'])
        seen.set(
          `${name} ${path}`,
          await fetch(`http://127.0.0.1:${port}${path}`).then(
            answer => answer.text(),
            () => '',
          ),
        )
    const operations = openOperations({ amqpUrl: amqpUrl(), services: [] })
    for (const { service } of participants)
      seen.set(`dead letters of ${service}`, JSON.stringify(await browse(operations, service)))
    await operations.close()
    const journal = await readJournal(amqpUrl())
    const notices = journal.filter(({ key }) => parseNoticeType(key))
    seen.set('notices', JSON.stringify(notices))
  }

  it('[I19] looked at something everywhere, so that finding nothing means something', () => {
    const places = [...seen.keys()]
    for (const place of [
      'logs/order.log',
      'logs/payment.log',
      'run.json',
      'dead letters of payment',
      'notices',
    ])
      expect(places).to.include(place)
    expect(JSON.parse(seen.get('dead letters of payment') ?? '[]')).to.have.length.above(5)
    expect(seen.get('dead letters of payment')).to.include('"total":2500')
    expect(JSON.parse(seen.get('notices') ?? '[]')).to.have.length.above(5)
    expect(seen.get('logs/payment.log'))
      .to.match(/parked/)
      .and.match(/broker cannot be reached/)
    expect([...seen.values()].join('').length).to.be.above(50_000)
  })

  it('[I19] shows no token, address, key or password in any log, answer, listing, notice or list of what runs', () => {
    const found = [...seen].flatMap(([where, text]) =>
      Object.entries(canaries).flatMap(([what, canary]) => {
        const at = text.indexOf(canary)
        return at < 0 ? [] : [`${what} in ${where}: ${text.slice(Math.max(0, at - 80), at + 40)}`]
      }),
    )
    expect(found.slice(0, 10)).to.deep.equal([])
  })

  it('[I19] keeps its passwords in a file that only its owner reads', () => {
    const { mode } = statSync(join(whole.system.folder, 'secrets.json'))
    expect((mode & 0o777).toString(8)).to.equal('600')
  })
})
