import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { expect } from 'chai'
import { widthOf } from '../../cli/fit.ts'
import { every, programWith } from '../../cli/program.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { closeServer, listenAt } from '../../shared/runtime/http/listen.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { bareEnv, main, run, runAlone } from './choreo.ts'

const someOrder = `ord_${'0'.repeat(26)}`
const commands = every(programWith(() => async () => {})).filter(command => command.commands.length === 0)
const pathOf = (command: (typeof commands)[number]): string[] =>
  command.parent ? [...pathOf(command.parent), command.name()] : []

describe('the command line, without a system', function () {
  this.timeout(60_000)
  const folder = tempFolder()
  const env = bareEnv({ CHOREO_DATA: folder.path })
  after(() => folder.remove())

  for (const command of commands) {
    const words = pathOf(command)
    it(`explains \`${words.join(' ')}\` with examples and exit codes`, async () => {
      const { code, out } = await run([...words, '--help'], env)
      expect(code).to.equal(0)
      expect(out).to.include(`Usage: choreo ${words.join(' ')}`)
      expect(out)
        .to.match(/Examples:\n {2}\$ npx --no -- choreo /)
        .and.match(/Exit codes: 0 /)
        .and.include('--json')
      for (const [, line] of out.matchAll(/\$ npx --no -- choreo ([^|\n]*)/g))
        expect(line?.startsWith(words.join(' ')), line).to.equal(true)
    })
  }

  for (const [title, args] of Object.entries({
    'an unknown command': ['bogus'],
    'an unknown option': ['status', '--bogus'],
    'what is no order id': ['order', 'get', 'x'],
    'an order of nothing': ['order', 'submit'],
    'a quantity that is none': ['order', 'submit', '--line', 'SKU-1:many'],
    'a body that is no file': ['order', 'submit', '--file', '/nowhere.json'],
    'units that are none': ['stock', 'restock', 'SKU-1', '-3'],
    'a service that is none': ['dlq', 'list', '--service', 'bogus'],
    'an age that is none': ['dlq', 'list', '--older-than', 'yesterday'],
    'a rate that is none': ['dlq', 'replay', '--rate', '0'],
    'a missing argument': ['stock', 'restock', 'SKU-1'],
    'too many arguments': ['order', 'get', someOrder, someOrder],
    'an API that is no URL': ['order', 'get', someOrder, '--url', 'nowhere'],
    'a service whose name is none': ['new-service', 'My Shelf', '--in', 'examples/loan'],
    'a service outside the project': ['new-service', 'shelf', '--in', '../elsewhere'],
  }))
    it(`exits 2 on ${title}, and says why on stderr`, async () => {
      const { code, out, err } = await run(args, env)
      expect([code, out]).to.deep.equal([2, ''])
      expect(err).to.match(/\S/)
    })

  it('is a process that ends with these codes, and writes on its streams', async () => {
    const asked = [
      ['help'],
      ['new-service', 'flight', '--in', 'examples/booking'],
      ['bogus'],
      ['stock', 'show'],
    ]
    const ran = await Promise.all(asked.map(words => Promise.all([runAlone(words, env), run(words, env)])))
    expect(ran.map(([alone]) => alone.code)).to.deep.equal([0, 1, 2, 3])
    for (const [alone, here] of ran) expect(alone).to.deep.equal(here)
  })

  it('says its version, and explains any command after `help` without running it', async () => {
    const [version, all, group, one, wrong, leaf] = await Promise.all(
      [
        ['--version'],
        ['help'],
        ['help', 'saga'],
        ['help', 'saga', 'show'],
        ['help', 'bogus'],
        ['help', 'flow', 'x'],
      ].map(words => run(words, env)),
    )
    expect(version).to.deep.include({ code: 0, out: '0.1.0\n' })
    expect(all?.out).to.match(/^Usage: choreo \[options\] \[command\]/)
    expect(group?.out).to.match(/^Usage: choreo saga /)
    expect(one?.out).to.match(/^Usage: choreo saga show /)
    expect(leaf?.out).to.match(/^Usage: choreo flow /)
    expect(wrong?.err).to.match(/unknown command 'bogus'/)
    expect([all, group, one, leaf, wrong].map(ran => ran?.code)).to.deep.equal([0, 0, 0, 0, 2])
  })

  it('writes no service over one that is there', async () => {
    const { code, err } = await run(['new-service', 'flight', '--in', 'examples/booking'], env)
    expect(code).to.equal(1)
    expect(err).to.include('already-there')
  })

  it('suggests what may have been meant', async () => {
    expect((await run(['statu'], env)).err).to.include('status')
  })

  for (const args of [
    ['status'],
    ['order', 'get', someOrder],
    ['order', 'submit', '--line', 'SKU-1'],
    ['stock', 'show'],
    ['dlq', 'list'],
    ['dlq', 'replay'],
    ['topology', 'plan'],
  ])
    it(`exits 3 and says how to start a system when none runs: ${args.join(' ')}`, async () => {
      const { code, out, err } = await run(args, env)
      expect([code, out]).to.deep.equal([3, ''])
      expect(err.trim().split('\n')).to.have.length(1)
      expect(err)
        .to.match(/^system-not-found: no \S+ runs from /)
        .and.include('npm start')
    })

  it('says the same as JSON when programs read it', async () => {
    const { err } = await run(['stock', 'show', '--json'], env)
    const { error } = JSON.parse(err)
    expect(error).to.include({ code: 'system-not-found' })
    expect(error.help).to.include('npm start')
  })

  it('exits 3 when nothing answers at the API', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const { code, err } = await run(['order', 'get', someOrder, '--url', url], env)
    expect(code).to.equal(3)
    expect(err).to.match(/^no-answer: .*ECONNREFUSED/)
  })

  it('exits 2 when the broker of others has no management API, naming the variable and no password', async () => {
    const amqp = { AMQP_URL: 'amqp://me:SECRET@127.0.0.1:1/v' }
    const { code, err } = await run(['dlq', 'list'], { ...env, ...amqp })
    expect([code, err.includes('RABBITMQ_MANAGEMENT_URL'), err.includes('SECRET')]).to.deep.equal([
      2,
      true,
      false,
    ])
  })

  it('exits 3 when the broker is away, without its password', async () => {
    const port = await freePort()
    const given = {
      AMQP_URL: `amqp://me:SECRET@127.0.0.1:${port}/v`,
      RABBITMQ_MANAGEMENT_URL: `http://127.0.0.1:${port}`,
    }
    for (const args of [
      ['dlq', 'list'],
      ['topology', 'plan'],
    ]) {
      const { code, err } = await run(args, { ...env, ...given })
      expect([code, /^broker-unavailable: /.test(err), err.includes('SECRET')], err).to.deep.equal([
        3,
        true,
        false,
      ])
    }
  })

  describe('at an API that says no', () => {
    let answer: { status: number; body: string }
    let seen: { key: string | undefined; path: string | undefined }[] = []
    let url = ''
    const api = createServer((request, response) => {
      seen.push({ key: request.headers.authorization, path: request.url })
      response.writeHead(answer.status, { 'content-type': 'application/problem+json' }).end(answer.body)
    })
    before(async () => {
      const { port } = await listenAt(api, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
      url = `http://127.0.0.1:${port}/`
    })
    beforeEach(() => {
      seen = []
    })
    after(async () => {
      api.closeAllConnections()
      await closeServer(api)
    })

    const problem = (status: number, code: string) => ({
      status,
      body: JSON.stringify({
        code,
        detail: 'Invalid request.',
        help: 'Correct it.',
        errors: [{ field: 'lines[0].sku', expected: 'a SKU' }],
      }),
    })

    it('repeats its code, the field and what to do, and exits 1', async () => {
      answer = problem(400, 'fields-invalid')
      const { code, err } = await run(['order', 'submit', '--line', 'SKU-1', '--url', url], env)
      expect(code).to.equal(1)
      expect(err).to.equal('fields-invalid: Invalid request - lines[0].sku: expected a SKU. Correct it.\n')
    })

    it('exits 3 when it is busy', async () => {
      answer = problem(503, 'busy')
      expect(await run(['order', 'get', someOrder, '--url', url], env)).to.include({ code: 3 })
    })

    it('presents the key of the option, or of the environment, and shows it nowhere', async () => {
      answer = problem(401, 'key-unknown')
      const there = { ...env, CHOREO_URL: url, CHOREO_KEY: 'ENV-KEY' }
      const [byEnv, byOption] = [
        await run(['order', 'get', someOrder], there),
        await run(['order', 'get', someOrder, '--key', 'OPTION-KEY'], there),
      ]
      expect(seen.map(({ key }) => key)).to.deep.equal(['Bearer ENV-KEY', 'Bearer OPTION-KEY'])
      for (const { out, err } of [byEnv, byOption]) expect(out + err).to.not.include('-KEY')
      expect(seen[0]?.path).to.equal(`/orders/${someOrder}`)
    })

    it('calls what is no problem document unexpected', async () => {
      answer = { status: 502, body: '<html>' }
      const { code, err } = await run(['order', 'get', someOrder, '--url', url], env)
      expect(code).to.equal(1)
      expect(err).to.match(/^answer-unexpected: the API answered 502/)
    })

    it('names the key of a restock whose fate is unknown', async () => {
      answer = problem(503, 'restock-unknown')
      const { code, err } = await run(['stock', 'restock', 'SKU-1', '5', '--url', url], env)
      expect(code).to.equal(3)
      expect(err).to.match(/repeat it with --idempotency-key [0-9a-v]{26}\n/)
    })
  })

  it('draws the flow for people, for Mermaid and for programs, and finds it sound', async () => {
    const [text, mermaid, check, json] = await Promise.all(
      [[], ['--mermaid'], ['--check'], ['--json']].map(args => run(['flow', ...args], env)),
    )
    expect(text?.out)
      .to.match(/^When nothing fails, .*\n {2}order\.placed .*\n {2}└─ inventory\.reserved /)
      .and.match(/\n\nWhen shipping says shipment\.refused .*\n {2}inventory\.reserved may be done .*\n/)
      .and.match(/\n\nThe flow is sound: .*\n$/)
    expect(mermaid?.out).to.match(/^flowchart LR\n/)
    expect(check?.out).to.match(/^unheard +every event is heard .*\n(.*\n){5}The flow is sound\.\n$/)
    expect(json?.json).to.include({ sound: true }).and.to.include.keys('rows', 'waysBack', 'findings')
    expect([text, mermaid, check, json].map(one => one?.code)).to.deep.equal([0, 0, 0, 0])
  })

  for (const [columns, words] of [80, 120].flatMap(wide => [
    [wide, 'flow'] as const,
    [wide, 'flow --check'] as const,
  ]))
    it(`keeps \`${words}\` within a terminal of ${columns} columns`, () => {
      const line = `stty cols ${columns}; exec '${process.execPath}' '${main}' ${words}`
      const { stdout, status } = spawnSync('script', ['-qefc', line, '/dev/null'], { env, encoding: 'utf8' })
      expect(status, stdout).to.equal(0)
      const widths = stdout.split(/\r?\n/).map(widthOf)
      expect(Math.max(...widths)).to.be.within(60, columns)
    })
})
