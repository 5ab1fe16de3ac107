import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { participants } from '../../rabbitmq/participants.ts'
import { shop } from '../../services/contract/shop.ts'
import { batchType } from '../../shared/contract/envelope.ts'
import { parseNoticeType } from '../../shared/contract/notice.ts'
import { browse } from '../../shared/operations/dead-letters/browse.ts'
import { openOperations } from '../../shared/operations/open.ts'
import { logNames } from '../../shared/runtime/telemetry/log-names.ts'
import { rawOf, reserved } from '../faults/payment-inbox.ts'
import { until } from '../messaging/messages.ts'
import { readJournal } from '../operations/journal.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import {
  adasKey,
  badToken,
  bobsKey,
  goodToken,
  type MarkedSystem,
  operatorsKey,
  order,
  shipTo,
  startMarkedSystem,
  strangersKey,
} from './marked-system.ts'
import { quotedTotal } from './quoting-payment.ts'

type Routes = readonly (readonly [method: string, path: string])[]

describe('secrets, addresses and orders of others in a whole system', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  let marked: MarkedSystem
  let ordered: string

  before(async () => {
    marked = await startMarkedSystem()
    await live()
  })
  after(async () => {
    await marked?.whole.stop()
  })

  /** Orders of every end, mistakes of callers, poison, and an outage of each server. */
  const live = async () => {
    const confirmed = await marked.place(order(goodToken))
    const declined = await marked.place(order(badToken))
    const refused = await marked.place(order(goodToken, { shipTo: { ...shipTo, postalCode: 'XX0 0XX' } }))
    const cancelled = await marked.place(order('tok_slow'))
    await marked.ask('POST', `/orders/${cancelled}/cancel`, adasKey)
    await mistakes(confirmed)
    await poison()
    await failing()
    await marked.ends(confirmed, 'confirmed')
    await marked.ends(declined, 'rejected')
    await marked.ends(refused, 'cancelled')
    await marked.ends(cancelled, 'cancelled')
    for (const path of ['', '/timeline', '/events'])
      for (const key of [adasKey, operatorsKey]) await marked.ask('GET', `/orders/${confirmed}${path}`, key)
    for (const path of ['/orders', '/orders?customer=c-1', '/openapi.json'])
      await marked.ask('GET', path, operatorsKey)
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
      expect((await marked.ask('POST', '/orders', adasKey, body)).status).to.be.within(400, 422)
    for (const body of [order(goodToken), order(badToken)])
      await marked.ask('POST', '/orders', adasKey, body, { 'idempotency-key': 'same' })
    ordered = orderId
    await marked.ask('GET', `/orders/${adasKey}`, operatorsKey)
  }
  /** Bodies with canaries that no inbox can take. */
  const poison = async () => {
    const connection = await connect(marked.amqpUrl)
    const channel = await connection.createConfirmChannel()
    const event = JSON.parse(rawOf(reserved()).body.toString()) as { data: object }
    const data = { ...event.data, paymentToken: goodToken, shipTo }
    const text = JSON.stringify({ ...event, data })
    const bodies = [
      text.slice(0, -1),
      JSON.stringify({ ...event, data: { ...data, [shipTo.line1]: 1, total: shipTo.name } }),
      JSON.stringify({ ...event, data: { ...data, paymentToken: shipTo.city } }),
      JSON.stringify({ ...event, dataversion: 99, data }),
      JSON.stringify({ ...event, type: 'inventory.eaten', data }),
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
  /** An order at which the rules of payment fail, in words that quote it. */
  const failing = async () => {
    const lines = [{ sku: 'SKU-1', quantity: quotedTotal / 525 }]
    const orderId = await marked.place(order(goodToken, { lines }))
    const isTold = async (key: string) =>
      JSON.stringify((await marked.ask('GET', `/orders/${orderId}/timeline`, key)).json)
    await until(
      'its failure is told',
      async () => (await isTold(operatorsKey)).includes('payment.parked'),
      20_000,
    )
    expect(await isTold(operatorsKey)).to.include('no gold of')
    expect(await isTold(adasKey))
      .to.include('payment.parked')
      .and.not.include('no gold')
  }
  const outages = async () => {
    for (const server of [marked.whole.redis, marked.whole.mongodb, marked.whole.rabbitmq]) {
      await server.kill()
      const answer = await marked.ask('POST', '/orders', adasKey, order(goodToken))
      expect(answer.status).to.be.oneOf([202, 503])
      await server.startAgain()
    }
    await marked.ends(await marked.place(order(goodToken)), 'confirmed')
  }

  const lookEverywhere = async () => {
    const { folder } = marked.whole.system
    for (const name of readdirSync(join(folder, 'logs')))
      marked.seen.set(`logs/${name}`, readFileSync(join(folder, 'logs', name), 'utf8'))
    marked.seen.set('run.json', readFileSync(join(folder, 'run.json'), 'utf8'))
    marked.seen.set('what the supervisor said', marked.whole.said.join('\n'))
    for (const { name, port } of marked.whole.system.run())
      for (const path of ['/metrics', '/readyz', '/nowhere'])
        marked.seen.set(
          `${name} ${path}`,
          await fetch(`http://127.0.0.1:${port}${path}`).then(
            answer => answer.text(),
            () => '',
          ),
        )
    const operations = openOperations({ saga: shop, amqpUrl: marked.amqpUrl, services: [] })
    for (const { service } of participants)
      marked.seen.set(`dead letters of ${service}`, JSON.stringify(await browse(operations, service)))
    await operations.close()
    const journal = await readJournal(marked.amqpUrl)
    const notices = journal.filter(({ key }) => parseNoticeType(key))
    marked.seen.set('notices', JSON.stringify(notices))
  }

  const refusals = () =>
    [
      ['another caller', bobsKey, 404, ordersRoutes(ordered)],
      ['a caller', adasKey, 404, ordersRoutes(`ord_${'0'.repeat(26)}`)],
      ['a caller, on what is for operators', adasKey, 403, operatorRoutes(ordered)],
      ['an unknown key', strangersKey, 401, [...ordersRoutes(ordered), ...operatorRoutes(ordered)]],
      ['no key', undefined, 401, [...ordersRoutes(ordered), ...operatorRoutes(ordered)]],
    ] as const
  const ordersRoutes = (id: string) =>
    [
      ['GET', `/orders/${id}`],
      ['GET', `/orders/${id}/timeline`],
      ['GET', `/orders/${id}/events`],
      ['POST', `/orders/${id}/cancel`],
    ] as const
  const operatorRoutes = (id: string) =>
    [
      ['POST', `/orders/${id}/erase`],
      ['POST', '/stock/SKU-1/restock'],
    ] as const

  const areRefused = async (who: string, key: string | undefined, status: number, routes: Routes) => {
    for (const [method, path] of routes) {
      const body = path.endsWith('restock') ? { units: 1 } : undefined
      const answer = await marked.ask(method, path, key, body)
      expect(answer.status, `${method} ${path} of ${who}`).to.equal(status)
    }
  }

  it('[I26] shows an order to its caller and to operators alone, and leaves what is for operators to them', async () => {
    for (const [who, key, status, routes] of refusals()) await areRefused(who, key, status, routes)
    for (const key of [adasKey, operatorsKey])
      expect((await marked.ask('GET', `/orders/${ordered}`, key)).status).to.equal(200)
    for (const path of ['/orders', '/orders?customer=c-1']) {
      expect(JSON.stringify((await marked.ask('GET', path, bobsKey)).json), path).to.not.include(ordered)
      expect(JSON.stringify((await marked.ask('GET', path, adasKey)).json), path).to.include(ordered)
    }
  })

  it('[I19] looked at something everywhere, so that finding nothing means something', async () => {
    await lookEverywhere()
    const places = [...marked.seen.keys()]
    for (const place of [
      'logs/order.log',
      'logs/payment.log',
      'run.json',
      'dead letters of payment',
      'notices',
    ])
      expect(places).to.include(place)
    expect(JSON.parse(marked.seen.get('dead letters of payment') ?? '[]')).to.have.length.above(5)
    expect(marked.seen.get('dead letters of payment')).to.include('"total":2500').and.include('no gold of')
    expect(marked.seen.get('notices')).to.include('no gold of')
    expect(JSON.parse(marked.seen.get('notices') ?? '[]')).to.have.length.above(5)
    expect(marked.seen.get('logs/payment.log'))
      .to.match(/parked/)
      .and.match(/no gold of/)
      .and.match(/broker cannot be reached/)
    expect([...marked.seen.values()].join('').length).to.be.above(50_000)
  })

  it('has one name for one thing in every log line, and time and level first', () => {
    const begin = /^\{"time":"[^"]+","level":"(?:error|warn|info|debug)","service":"[a-z-]+","message":/
    const known = new Set([
      'time',
      'level',
      'service',
      'message',
      shop.subject.field,
      ...Object.keys(logNames),
    ])
    const lines = [...marked.seen]
      .filter(([where]) => where.startsWith('logs/'))
      .flatMap(([, text]) => text.split('\n').filter(line => line.startsWith('{')))
    expect(lines).to.have.length.above(100)
    for (const line of lines) {
      expect(line).to.match(begin)
      const names = Object.keys(JSON.parse(line))
      expect(
        names.filter(name => !known.has(name)),
        line,
      ).to.deep.equal([])
      // The journal tells no trace.
      const isOfJournal = names.includes('noticeId') || names.includes('offset')
      if (names.includes('eventId') && !isOfJournal)
        expect(names, line).to.include.members([shop.subject.field, 'traceId'])
    }
  })

  it('[I19] shows no token, address, key or password in any log, answer, listing, notice or list of what runs', () => {
    const found = [...marked.seen].flatMap(([where, text]) =>
      Object.entries(marked.canaries).flatMap(([what, canary]) => {
        const at = text.indexOf(canary)
        return at < 0 ? [] : [`${what} in ${where}: ${text.slice(Math.max(0, at - 80), at + 40)}`]
      }),
    )
    expect(found.slice(0, 10)).to.deep.equal([])
  })

  it('[I19] keeps its passwords in a file that only its owner reads', () => {
    const { mode } = statSync(join(marked.whole.system.folder, 'secrets.json'))
    expect((mode & 0o777).toString(8)).to.equal('600')
  })
})
