import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { every, programWith } from '../../cli/program.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { reactingNames } from '../../services/registry.ts'
import { closeServer } from '../../shared/runtime/http/listen.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { bareEnv, run } from './choreo.ts'

const order = `ord_${'0'.repeat(26)}`

/** The words after the command, how it ends, and what it says on either stream. */
type Ending = readonly [more: readonly string[], code: number, says: RegExp]

/**
 * How a command ends in each situation. Without a value nobody can be wrong; what only real servers can tell
 * is in the suite with a system.
 */
type Row = {
  readonly bare: Ending
  readonly unknown: Ending | 'it takes no value'
  readonly empty: Ending | 'asks real servers'
  readonly silent: Ending | 'asks nobody'
  readonly foreign: Ending | 'asks nobody'
}

const nobody = /^system-not-found: no \S+ runs from .*npm start/
const lacksOrder: Ending = [[], 2, /missing required argument 'order'/]
const noOrder: Ending = [['x'], 2, /Expected an order id: ord_ and 26/]
const silentDoor = /^no-answer: http.*ECONNREFUSED/
const silentBroker = /^broker-unavailable: /
const strangeDoor = /^answer-unexpected: the API answered .*use the same version on both sides/
const search = ['--sku', 'NONE', '--reason', 'none', '--min-total', '1', '--placed-from', '2020-01-01']
const nothingFound: Ending = [search, 0, /^no orders\n$/]
const strangeBroker = /^(broker-refused|broker-unavailable|answer-unexpected): /
const services = `Expected one of ${reactingNames.join(', ')}`
const noService: Ending = [['--service', 'bogus'], 2, new RegExp(services)]

const decided = [
  ...[order, '--service', 'payment', '--answer', 'refunded', '--by', 'Ada', '--why', 'closed card'],
  ...['--outside', 'bank transfer 17', '--yes'],
]

/** A command about one order, at the public API. */
const aboutOrder: Row = {
  ...{ bare: lacksOrder, unknown: noOrder, empty: [[order], 1, /^order-unknown: .*Check the order id/] },
  ...{ silent: [[order], 3, silentDoor], foreign: [[order], 1, strangeDoor] },
}

/** A command about dead letters. */
const aboutLetters: Row = {
  ...{ bare: [[], 3, nobody], unknown: noService, empty: 'asks real servers' },
  ...{ silent: [[], 3, silentBroker], foreign: [[], 3, silentBroker] },
}

const aboutTopology: Row = {
  ...{ bare: [[], 3, nobody], unknown: 'it takes no value', empty: 'asks real servers' },
  ...{ silent: [[], 3, silentBroker], foreign: [[], 1, strangeBroker] },
}

const table: Readonly<Record<string, Row>> = {
  status: {
    ...{ bare: [[], 3, nobody], unknown: [['--dead-letter-alarm', 'many'], 2, /a whole number above 0/] },
    empty: [[], 4, /^services +not known from here[\s\S]*look +Its broker is not known from here; give its/m],
    silent: [[], 3, /ill +The API at \S+ does not answer/],
    foreign: [[], 1, /ill +What answers at \S+ is no API of Choreo/],
  },
  'order submit': {
    bare: [[], 2, /^usage-invalid: there is nothing to buy\. Name it with --line SKU:QUANTITY/],
    unknown: [['--line', 'SKU-1:many'], 2, /Expected a whole number above 0/],
    empty: [['--line', 'NONE'], 1, /^sku-unknown: /],
    ...{ silent: [['--line', 'SKU-1'], 3, silentDoor], foreign: [['--line', 'SKU-1'], 1, strangeDoor] },
  },
  'order get': aboutOrder,
  'order cancel': aboutOrder,
  'order erase': aboutOrder,
  'saga list': {
    bare: [[], 3, nobody],
    unknown: [['--status', 'bogus'], 2, /Expected placed, confirmed, rejected or cancelled/],
    empty: nothingFound,
    ...{ silent: [[], 3, silentDoor], foreign: [[], 1, strangeDoor] },
  },
  'saga show': aboutOrder,
  'saga follow': aboutOrder,
  'saga stuck': {
    ...{ bare: [[], 3, nobody], unknown: [['--limit', 'many'], 2, /Expected a whole number above 0/] },
    empty: 'asks real servers',
    ...{ silent: [[], 3, /^store-unavailable: /], foreign: [[], 3, /^store-unavailable: /] },
  },
  'saga resolve': {
    bare: [[], 2, /missing required argument 'order'|required option '--service <name>' not specified/],
    unknown: [[order, '--service', 'order'], 2, /Expected one of inventory, payment, shipping/],
    ...{ empty: [decided, 1, /^order-unknown: /], silent: [decided, 3, silentDoor] },
    foreign: [decided, 1, strangeDoor],
  },
  'saga why': {
    ...{ bare: lacksOrder, unknown: noOrder, empty: 'asks real servers' },
    ...{ silent: [[order], 1, /could not be looked at/], foreign: [[order], 1, /could not be looked at/] },
  },
  'dlq list': aboutLetters,
  'dlq show': {
    ...{ ...aboutLetters, bare: [[], 2, /missing required argument 'message'/] },
    unknown: [['nope', '--service', 'bogus'], 2, /Expected one of order/],
    ...{ silent: [['nope'], 3, silentBroker], foreign: [['nope'], 3, silentBroker] },
  },
  'dlq replay': aboutLetters,
  'dlq purge': aboutLetters,
  logs: {
    bare: [[], 3, /^system-not-found: no logs are in .*npm start/],
    unknown: [['--order', 'x'], 2, /Expected an order id/],
    ...{ empty: [[], 3, /^system-not-found/], silent: 'asks nobody', foreign: 'asks nobody' },
  },
  'stock show': {
    ...{ bare: [[], 3, nobody], unknown: [['SKU-1', '!!'], 2, /Expected a SKU/] },
    empty: [['NONE'], 1, /^sku-unknown: /],
    ...{ silent: [[], 3, silentDoor], foreign: [[], 1, strangeDoor] },
  },
  'stock restock': {
    bare: [[], 2, /missing required argument 'sku'/],
    unknown: [['SKU-1', 'many'], 2, /Expected a whole number above 0/],
    empty: [['NONE', '1'], 1, /^sku-unknown: /],
    ...{ silent: [['SKU-1', '1'], 3, /repeat it with --idempotency-key .*\nno-answer: /] },
    foreign: [['SKU-1', '1'], 1, strangeDoor],
  },
  'topology plan': aboutTopology,
  'topology apply': aboutTopology,
  'topology prune': { ...aboutTopology, unknown: [['no.such.queue'], 3, nobody] },
  'tracking rebuild': {
    bare: [[], 3, /^system-not-found: no tracking runs here; name it with --tracking-url/],
    unknown: [['--tracking-url', 'nowhere'], 2, /^usage-invalid: --tracking-url is no URL/],
    empty: 'asks real servers',
    silent: [['--tracking-url', 'HERE'], 3, silentDoor],
    foreign: [['--tracking-url', 'HERE'], 1, /^answer-unexpected: .*answered with something else/],
  },
  flow: {
    ...{ bare: [[], 0, /The flow is sound/], unknown: 'it takes no value', empty: [[], 0, /sound/] },
    ...{ silent: 'asks nobody', foreign: 'asks nobody' },
  },
  'new-service': {
    bare: [[], 2, /missing required argument 'name'|required option '--in <folder>' not specified/],
    unknown: [['X1', '--in', 'examples/booking'], 2, /2 to 20 small letters/],
    empty: [['flight', '--in', 'examples/booking'], 1, /^already-there: /],
    ...{ silent: 'asks nobody', foreign: 'asks nobody' },
  },
}

const leaves = every(programWith(() => async () => {})).filter(command => command.commands.length === 0)
const nameOf = (command: (typeof leaves)[number]): string =>
  [command.parent?.parent ? command.parent.name() : '', command.name()].join(' ').trim()

/** Answers as the API of a system in which there is nothing yet. */
const emptySystem: RequestListener = ({ url = '' }, response) => {
  const asOf = { asOf: null, lagSeconds: 0 }
  if (url === '/catalogue') return void response.end('[]')
  if (url.startsWith('/orders?'))
    return void response.end(JSON.stringify({ ...asOf, orders: [], next: null }))
  const isOrder = url.startsWith('/orders/')
  const code = isOrder ? 'order-unknown' : 'sku-unknown'
  const help = isOrder ? 'Check the order id.' : 'Check the SKU.'
  response.writeHead(404).end(JSON.stringify({ code, detail: 'There is none.', help }))
}

/** Answers whatever it is asked, and is no part of Choreo. */
const foreignSystem: RequestListener = (_, response) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":"world"}')

const served = (answer: RequestListener) => {
  const server = createServer(answer)
  before(done => void server.listen(0, '127.0.0.1', done))
  after(async () => {
    server.closeAllConnections()
    await closeServer(server)
  })
  return () => `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('every command of the command line', function () {
  this.timeout(60_000)
  const folder = tempFolder()
  const env = bareEnv({ CHOREO_DATA: folder.path })
  const [empty, foreign] = [served(emptySystem), served(foreignSystem)]
  after(() => folder.remove())

  /** All parts of a system at this address. */
  const allAt = (host: string) => ({
    ...{ CHOREO_URL: `http://${host}`, MONGODB_URL: `mongodb://${host}/` },
    ...{ AMQP_URL: `amqp://me:SECRET@${host}/v`, RABBITMQ_MANAGEMENT_URL: `http://${host}` },
  })
  type Situation = { there?: NodeJS.ProcessEnv; host?: string }
  const ends = async (name: string, ending: Ending | string, { there = {}, host = '' }: Situation) => {
    if (typeof ending === 'string') return
    const [more, code, says] = ending
    const words = [...name.split(' '), ...more.map(word => (word === 'HERE' ? `http://${host}` : word))]
    const { code: ended, out, err } = await run(words, { ...env, ...there })
    expect(err || out, words.join(' ')).to.match(says)
    expect(ended, `${words.join(' ')}: ${out}${err}`).to.equal(code)
    expect(out + err).to.not.match(/SECRET|none of the known errors/)
  }

  it('has its row here', () => {
    expect(Object.keys(table).sort()).to.deep.equal(leaves.map(nameOf).sort())
  })

  for (const [name, row] of Object.entries(table)) {
    it(`\`${name}\` says what is missing or wrong in its words`, () =>
      Promise.all([ends(name, row.bare, {}), ends(name, row.unknown, {})]))

    it(`\`${name}\` says whether it found nothing, nobody, or something that is no Choreo`, async () => {
      const silent = `127.0.0.1:${await freePort()}`
      await Promise.all([
        ends(name, row.empty, { there: { CHOREO_URL: `http://${empty()}` } }),
        ends(name, row.silent, { there: allAt(silent), host: silent }),
        ends(name, row.foreign, { there: allAt(foreign()), host: foreign() }),
      ])
    })
  }
})
