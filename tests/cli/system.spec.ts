import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { serviceNames } from '../../services/registry.ts'
import { outlastsAbsentServers } from './absent-servers.ts'
import { allWritten, runAlone, start } from './choreo.ts'
import { tellsOfDeadLetters } from './dead-letters.ts'
import { canaries, runningSystem } from './running-system.ts'

describe('the command line, with a running system', function () {
  this.timeout(120_000)
  const here = runningSystem()
  const { folder, env, choreo, json, submit } = here
  const untilWell = async () => {
    await waitUntil('all is well', async () => (await choreo('status')).code === 0, { deadlineMs: 30_000 })
    const { code, json: status, out } = await choreo('status', '--json')
    expect(code, out).to.equal(0)
    return status
  }

  it('finds the system by its data folder and calls it well', async () => {
    // The broker counts consumers anew every few seconds, and until it has, `status` says that this is to be
    // looked at.
    const status = await untilWell()
    expect(status).to.deep.include({ verdict: 'well', findings: [] })
    expect((status as { services: { name: string }[] }).services.map(({ name }) => name)).to.include.members([
      ...serviceNames,
    ])
    expect((await runAlone(['status'], env)).out).to.match(/all is well\n$/)
  })

  it('mixes no other system with the one of this machine', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const { json: elsewhere } = await choreo('status', '--url', url, '--json')
    const { services, broker } = elsewhere as {
      services: unknown[]
      broker: { unreachable: string; why: string }
    }
    expect([services, broker.unreachable]).to.deep.equal([[], 'system-not-found'])
    expect(broker.why).to.match(/API that is named is of another system/)
    for (const words of [
      ['topology', 'plan'],
      ['dlq', 'list'],
      ['saga', 'why', `ord_${'0'.repeat(26)}`],
    ]) {
      const { code, err } = await choreo(...words, '--url', url)
      expect([code, err], words.join(' ')).to.satisfy(
        ([exit, text]: [number, string]) => exit === 3 && /API that is named is of another system/.test(text),
      )
    }
    const [{ port }] = [new URL(here.system.url)]
    const same = await choreo('topology', 'plan', '--url', `http://localhost:${port}/`)
    expect(same.code, same.err).to.equal(0)
  })

  it('shows what was logged about an order, with the status that a provider refused with', async () => {
    const { orderId } = await submit('--token', 'tok_flaky_2', '--wait')
    const { code, out } = await choreo('logs', '--order', orderId)
    expect(code, out).to.equal(0)
    expect(out).to.match(/warn +payment +a call outside failed +orderId ord_\w+, code provider-unavailable/)
    expect(out).to.match(/error the payment provider answered 50\d/)
    const times = out.match(/^\S+Z/gm) ?? []
    expect(times).to.deep.equal(times.toSorted())
    const { lines } = await choreo('logs', 'payment', '--order', orderId, '--json')
    for (const line of lines) expect(line).to.include({ service: 'payment', orderId })
  })

  it('says that a list is not the whole one', async () => {
    for (let count = 0; count < 2; count++) await submit('--wait')
    await waitUntil(
      'both are listed',
      async () => (await choreo('saga', 'list')).out.split('\n').length > 3,
      {
        deadlineMs: 20_000,
      },
    )
    const part = await choreo('saga', 'list', '--limit', '1', '--json')
    expect([part.code, part.lines.length]).to.deep.equal([0, 1])
    expect(part.err).to.match(/^The first 1 are shown, and there are more: --limit 10 /)
    expect((await choreo('saga', 'list')).err).to.equal('')
  })

  it('submits an order, waits for its end and shows it', async () => {
    const { orderId, status, awaiting } = await submit('--wait')
    expect([status, awaiting]).to.deep.equal(['confirmed', []])
    const { code, out } = await choreo('order', 'get', orderId)
    expect(code).to.equal(0)
    expect(out).to.match(/confirmed\n {2}2 x SKU-1 at [\d.]+\n {2}total [\d.]+\n {2}parcel CH/)
  })

  it('exits 1 for an order that was not served', async () => {
    const args = ['order', 'submit', '--line', 'SKU-2', '--token', 'tok_decline', '--wait', '--json']
    const { code, json: order } = await choreo(...args)
    expect(code).to.equal(1)
    expect(order).to.include({ status: 'rejected', reason: 'payment-declined' })
  })

  it('makes one order of one key, and takes a body from stdin', async () => {
    const body = JSON.stringify({
      customerId: 'ada',
      lines: [{ sku: 'SKU-3', quantity: 1 }],
      payment: { token: 'tok_approve' },
      shipTo: { ...{ name: 'A', line1: canaries.street, city: 'B' }, postalCode: 'C', country: 'D' },
    })
    const args = ['order', 'submit', '--file', '-', '--idempotency-key', 'k1', '--json']
    const [first, again] = [await runAlone(args, env, body), await runAlone(args, env, body)]
    expect(first.code, first.err).to.equal(0)
    expect(again.json).to.deep.equal(first.json)
  })

  it('asks for a cancel in time, and is told when it is late', async () => {
    const provider = here.system.run().find(({ name }) => name === 'payment-provider')?.pid
    if (!provider) expect.fail('no payment provider runs')
    // However slow the machine is: nothing is paid before the cancel is asked for.
    process.kill(provider, 'SIGSTOP')
    const { orderId } = await submit()
    const asked = await choreo('order', 'cancel', orderId)
    process.kill(provider, 'SIGCONT')
    expect(asked.out).to.match(/a cancel is asked for/)
    const followed = await choreo('saga', 'follow', orderId, '--json')
    expect(followed.code, followed.err).to.equal(0)
    expect(await json('order', 'get', orderId)).to.include({ status: 'cancelled', cancelRequested: true })
    const late = await choreo('order', 'cancel', orderId)
    expect([late.code, late.err.split(':')[0]]).to.deep.equal([1, 'order-settled'])
  })

  it('says that nobody knows an order', async () => {
    const nobody = `ord_${'0'.repeat(26)}`
    for (const args of [
      ['order', 'get', nobody],
      ['order', 'erase', nobody],
      ['saga', 'follow', nobody],
    ]) {
      const { code, err } = await choreo(...args)
      expect([code, err.split(':')[0]], args.join(' ')).to.deep.equal([1, 'order-unknown'])
    }
    expect((await choreo('saga', 'why', nobody)).code).to.equal(1)
  })

  it('follows an order until it is settled, each step once and in causal order', async () => {
    const { orderId } = await submit('--token', 'tok_flaky_2')
    const { code, lines } = await choreo('saga', 'follow', orderId, '--json')
    expect(code).to.equal(0)
    const types = (lines as { type: string }[]).map(({ type }) => type)
    expect(
      types.filter(type => type !== 'payment.attempt-failed' && !type.endsWith('repaired')),
    ).to.have.ordered.members([
      ...['order.placed', 'inventory.reserved', 'payment.captured', 'shipment.scheduled'],
      ...types.filter(type => ['order.confirmed', 'inventory.consumed'].includes(type)),
    ])
    expect(new Set((lines as { id: string }[]).map(({ id }) => id)).size).to.equal(lines.length)
    const shown = await choreo('saga', 'show', orderId)
    expect(shown.out).to.match(
      /order\.placed[\s\S]*payment\.attempt-failed[\s\S]*payment\.captured[\s\S]*order\.confirmed/,
    )
    const listed = (await choreo('saga', 'list', '--status', 'confirmed', '--limit', '1', '--json')).lines
    expect(listed).to.have.length(1)
    expect((await choreo('saga', 'list')).out).to.include(orderId)
    const search = ['--reason', 'provider-unavailable', '--status', 'confirmed', '--min-total', '0.01']
    const found = await choreo('saga', 'list', ...search, '--sort', 'lowest-total', '--json')
    expect((found.lines as { orderId: string }[]).map(one => one.orderId)).to.include(orderId)
    expect((await choreo('saga', 'list', ...search, '--placed-until', '2020-01-01')).out).to.equal(
      'no orders\n',
    )
    const why = await choreo('saga', 'why', orderId)
    expect([why.code, /settled/.test(why.out)], why.out + why.err).to.deep.equal([0, true])
  })

  it('ends the following at Ctrl-C with 130, and says nothing more', async () => {
    const { orderId } = await submit('--token', 'tok_slow')
    const following = start(['saga', 'follow', orderId, '--json'], env)
    await waitUntil('the first step', async () => following.out().includes('order.placed'), {
      deadlineMs: 20_000,
    })
    following.child.kill('SIGINT')
    const { code, err } = await following.ended
    expect([code, err]).to.deep.equal([130, ''])
  })

  it('restocks once for a key, and the books balance', async () => {
    type Books = Record<'initial' | 'restocked' | 'onHand' | 'held' | 'shipped', number>
    const before = await json<Books[]>('stock', 'show', 'SKU-9')
    for (let times = 0; times < 3; times++)
      await json('stock', 'restock', 'SKU-9', '2500', '--idempotency-key', 'monday')
    const [books] = await json<Books[]>('stock', 'show', 'SKU-9')
    expect(books).to.deep.equal({ ...before[0], restocked: 2500, onHand: (before[0]?.onHand ?? 0) + 2500 })
    const reused = await choreo('stock', 'restock', 'SKU-9', '1', '--idempotency-key', 'monday')
    expect([reused.code, reused.err.split(':')[0]]).to.deep.equal([1, 'key-reused'])
    const unknown = await choreo('stock', 'restock', 'SKU-999', '1')
    expect([unknown.code, unknown.err.split(':')[0]]).to.deep.equal([1, 'sku-unknown'])
    expect(await json<Books[]>('stock', 'show')).to.have.length(100)
  })

  it('erases an order in every service once it is settled, and not before', async () => {
    const slow = await submit('--token', 'tok_slow')
    const refused = await choreo('order', 'erase', slow.orderId)
    expect([refused.code, refused.err.split(':')[0]]).to.deep.equal([1, 'order-open'])
    const { orderId } = await submit('--wait')
    for (let times = 0; times < 2; times++)
      expect(await json('order', 'erase', orderId)).to.deep.equal({ orderId, erased: true })
    expect(await json('order', 'get', orderId)).to.have.property('erasedAt')
  })

  tellsOfDeadLetters(here)
  outlastsAbsentServers(here)

  it('finds a binding that is gone, and declares it again', async () => {
    const { admin } = here.system.connections.broker
    const authorization = `Basic ${Buffer.from(`${admin?.adminUser}:${admin?.adminPassword}`).toString('base64')}`
    const path = '/api/bindings/choreo/e/saga.dlx/q/payment.dlq/payment'
    const gone = await fetch(`${admin?.managementUrl}${path}`, {
      method: 'DELETE',
      headers: { authorization },
    })
    expect(gone.ok).to.equal(true)
    // The topology watch may be faster than either command; then there is nothing left to find.
    const plan = await choreo('topology', 'plan', '--json')
    if (plan.code === 1) expect((plan.json as { missing: object[] }).missing).to.have.length(1)
    const applied = await choreo('topology', 'apply', '--json')
    expect(applied.code, applied.out + applied.err).to.equal(0)
    expect((await choreo('topology', 'plan')).out).to.include('the broker has all that is declared')
  })

  it('builds the read model anew', async () => {
    const { code, json: rebuilt } = await choreo('tracking', 'rebuild', '--wait', '--json')
    expect([code, rebuilt]).to.deep.equal([0, { generation: 2, serving: true }])
  })

  // A suite of its own, because suites run after the tests beside them.
  describe('after all of this', () => {
    it('[I19] has written no password, token or address anywhere', () => {
      const secrets = readFileSync(join(folder.path, 'secrets.json'), 'utf8')
      const written = allWritten()
      expect(written).to.include('ord_')
      for (const [user, password] of Object.entries(JSON.parse(secrets) as Record<string, string>))
        expect(written.includes(password), user).to.equal(false)
      for (const text of Object.values(canaries)) expect(written.includes(text), text).to.equal(false)
      for (const token of ['tok_slow', 'tok_flaky_2']) expect(written.includes(token), token).to.equal(false)
    })
  })
})
