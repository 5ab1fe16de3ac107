import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { httpPaymentProvider } from '../../../services/payment/provider.ts'
import { codeOf } from '../../../shared/runtime/errors.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { type RunningProgram, runToEnd, startProgram } from './program.ts'

const chargeOf = (orderId: string, token = 'tok_approve') => ({
  key: `${orderId}:charge`,
  orderId,
  amount: 700,
  token,
})

describe('a provider as a program', function () {
  // Processes of their own start here, slowly on a busy machine.
  this.timeout(60_000)

  let program: RunningProgram
  let gateway: ReturnType<typeof httpPaymentProvider>

  beforeEach(async () => {
    program = await startProgram('payment-provider')
    gateway = httpPaymentProvider({ url: program.url, timeoutMs: 50_000, clock: systemClock })
  })
  afterEach(async () => {
    gateway.close()
    await program.dispose()
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 on ${signal}, also while calls are open, and keeps what it answered`, async () => {
      await gateway.charge(chargeOf('answered'))
      const open = ['tok_timeout', 'tok_slow'].map(token =>
        gateway.charge(chargeOf(token, token)).then(() => 'answered', codeOf),
      )
      const charged = async () => (await program.ledger()).some(({ orderId }) => orderId === 'tok_timeout')
      await waitUntil('the charge', charged, { deadlineMs: 40_000 })
      expect(await program.end(signal)).to.equal(0)
      expect(await Promise.all(open)).to.deep.equal(['provider-unavailable', 'provider-unavailable'])
      await program.start()
      const kept = (await program.ledger()).map(({ orderId }) => orderId)
      expect(kept).to.deep.equal(['answered', 'tok_timeout'])
    })
  }

  it('loses no answer and doubles no charge when it is killed under load', async () => {
    const answered = new Set<string>()
    const ids = Array.from({ length: 400 }, (_, n) => `order-${n}`)
    let killed: Promise<unknown> | undefined
    const charges = ids.map(async id => {
      await gateway.charge(chargeOf(id))
      if (answered.add(id).size >= 100) killed ??= program.end('SIGKILL')
    })
    const outcomes = await Promise.allSettled(charges)
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.to.deep.equal([])
    await killed
    await program.start()
    const before = new Set((await program.ledger()).map(({ orderId }) => orderId))
    for (const id of answered) expect(before.has(id), id).to.equal(true)
    await Promise.all(ids.map(id => gateway.charge(chargeOf(id))))
    const after = (await program.ledger()).map(({ orderId }) => orderId)
    expect(after).to.have.length(ids.length)
    expect(after).to.have.members(ids)
  })

  it('keeps tokens out of its data', async () => {
    await gateway.charge(chargeOf('o', 'tok_flaky_0'))
    const data = await readFile(join(program.folder, 'ledger.jsonl'), 'utf8')
    expect(data).to.include('o:charge').and.not.to.include('tok_')
  })

  it('serves a ledger of many lines whole', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_, n) => gateway.charge(chargeOf(`many-${n}`))))
    const entries = await program.ledger()
    expect(new Set(entries.map(({ key }) => key))).to.have.property('size', 1_200)
    const { at, ...entry } = entries.find(({ orderId }) => orderId === 'many-7') ?? { at: 0 }
    expect(entry).to.deep.equal({ key: 'many-7:charge', orderId: 'many-7', kind: 'charge', amount: 700 })
    expect(Date.now() - at).to.be.within(0, 60_000)
  })

  it('ends with 1 and leaves the ledger alone when its port is taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'choreo-taken-'))
    const { code, output } = await runToEnd('carrier', ['--port', String(program.port), '--data', folder])
    expect(code).to.equal(1)
    expect(output).to.include('port-taken')
    expect(await readdir(folder)).to.deep.equal([])
    await rm(folder, { recursive: true })
  })

  it('ends with 1 and says which line it cannot read when its ledger is damaged', async () => {
    await program.end('SIGTERM')
    await writeFile(join(program.folder, 'ledger.jsonl'), 'damaged\n[]\n')
    const { code, output } = await runToEnd('payment-provider', [
      ...['--port', String(program.port)],
      ...['--data', program.folder],
    ])
    expect(code).to.equal(1)
    expect(output).to.match(/"code":"server-failed","error":"line 1 of .*ledger\.jsonl/)
  })

  for (const args of [
    ['--port', '70000', '--data', 'x'],
    ['--prot', '1'],
  ]) {
    it(`ends with 2 and says what it expects when it is started with "${args.join(' ')}"`, async () => {
      const { code, output } = await runToEnd('carrier', args)
      expect(code).to.equal(2)
      expect(output).to.include('--port <1 to 65535> --data <folder>')
    })
  }
})

describe('the HTTP API of a provider', function () {
  // Processes of their own start here, slowly on a busy machine.
  this.timeout(60_000)

  let program: RunningProgram

  before(async () => {
    program = await startProgram('payment-provider')
  })
  after(() => program?.dispose())

  const post = (path: string, body: string, method = 'POST') =>
    fetch(`${program.url}${path}`, method === 'POST' ? { method, body } : { method })

  for (const [what, path, body, status, says] of [
    ['an unknown path', '/chargebacks', '{}', 404, 'no such resource'],
    ['a body that is no JSON', '/charges', '{"token":"tok_secret"', 400, 'no JSON'],
    ['a body that is no object', '/charges', '7', 400, 'body'],
    ['missing fields', '/refunds', '{"key":"k"}', 400, 'orderId, amount'],
    [
      'an unknown field',
      '/refunds',
      '{"key":"k","orderId":"o","amount":1,"token":"tok_secret"}',
      400,
      'body',
    ],
    ['a fraction of a cent', '/refunds', '{"key":"k","orderId":"o","amount":1.5}', 400, 'amount'],
    ['an amount below zero', '/refunds', '{"key":"k","orderId":"o","amount":-1}', 400, 'amount'],
    ['a body that is too long', '/charges', `"${'x'.repeat(70_000)}"`, 413, 'at most'],
  ] as const) {
    it(`answers ${what} with ${status}`, async () => {
      const response = await post(path, body)
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([
        status,
        'application/problem+json',
      ])
      const text = await response.text()
      expect(text).to.include(says).and.not.to.include('tok_secret')
      expect(await program.ledger()).to.deep.equal([])
    })
  }

  it('answers a GET where only a POST is understood with 405', async () => {
    expect((await post('/charges', '', 'GET')).status).to.equal(405)
  })
})
