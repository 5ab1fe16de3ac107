import { expect } from 'chai'
import fc from 'fast-check'
import { configurations, knownVariables } from '../../../services/configurations.ts'
import { configuration as orderConfig } from '../../../services/order/configuration.ts'
import { configuration as paymentConfig } from '../../../services/payment/configuration.ts'
import { privatePortOf, type ServiceName, serviceNames } from '../../../services/registry.ts'
import { loadConfig } from '../../../shared/runtime/configuration/config.ts'
import { variableNote } from '../../../shared/runtime/configuration/variable.ts'
import { faultOf, order, refused, servers } from './order-variables.ts'

const others = serviceNames.filter(name => name !== 'order')
const privateUrlOf = (name: ServiceName) => `http://127.0.0.1:${privatePortOf(name)}`
const hash = (digit: string) => digit.repeat(64)

describe('the configuration', () => {
  it('is complete with the servers alone', () => {
    expect(order({})).to.deep.equal({
      ...servers,
      ...Object.fromEntries(others.map(name => [`${name.toUpperCase()}_URL`, privateUrlOf(name)])),
      CHOREO_HTTP_PORT: 3000,
      CHOREO_HTTP_HOST: '127.0.0.1',
      CHOREO_HEALTH_PORT: 3101,
      CHOREO_HEALTH_HOST: '127.0.0.1',
      CHOREO_LOG_LEVEL: 'info',
      CHOREO_CALLER_KEYS: [],
      CHOREO_OPERATOR_KEYS: [],
      CHOREO_ORDER_DEADLINE: 600_000,
      CHOREO_MAX_IN_FLIGHT: 256,
      CHOREO_MAX_OPEN_ORDERS: 1_000,
      CHOREO_PREFETCH: 512,
      CHOREO_MAX_ATTEMPTS: 8,
    })
  })

  it('gives each service a health port of its own, so that all run on one machine', () => {
    const ports = Object.values(configurations).map(({ shape }) => shape.CHOREO_HEALTH_PORT?.parse(undefined))
    expect(new Set(ports).size).to.equal(ports.length)
    expect(order({}).INVENTORY_URL).to.equal('http://127.0.0.1:3102')
  })

  it('names every fault at once: the variable, what it expects, and what was found', () => {
    const message = faultOf(() =>
      loadConfig(orderConfig, { CHOREO_HTTP_PORT: 'abc', CHOREO_LOG_LEVEL: 'loud' }),
    )
    expect(message).to.contain(
      'AMQP_URL: expected an amqp:// or amqps:// URL, or several separated by commas, found nothing',
    )
    expect(message).to.contain('MONGODB_URL: expected').and.contain('REDIS_URL: expected')
    expect(message).to.contain(
      'CHOREO_HTTP_PORT: expected a port from 0 (any free one) to 65535, found "abc"',
    )
    expect(message).to.contain('CHOREO_LOG_LEVEL: expected error, warn, info or debug, found "loud"')
    expect(message).to.not.contain('CHOREO_HTTP_HOST')
  })

  it('takes an empty variable for one that is not set', () => {
    expect(order({ CHOREO_HTTP_PORT: '', CHOREO_CALLER_KEYS: '' })).to.include({ CHOREO_HTTP_PORT: 3000 })
    expect(refused({ AMQP_URL: '' })).to.contain(
      'AMQP_URL: expected an amqp:// or amqps:// URL, or several separated by commas, found nothing',
    )
  })

  it('takes the addresses of a cluster, and of nothing else', () => {
    const [one, two] = ['amqp://order:a,b@one:5672/choreo', 'amqp://order:a,b@two:5673/choreo']
    for (const given of [one, `${one},${two}`, `${one} , ${two}`])
      expect(order({ AMQP_URL: given }).AMQP_URL).to.equal(given)
    for (const other of [
      two.replace('choreo', 'other'),
      two.replace('order', 'payment'),
      two.replace('a,b', 'c'),
      'amqps://order:a,b@two:5673/choreo',
      'http://two',
      '//two',
      '',
    ])
      expect(refused({ AMQP_URL: `${one},${other}` }), other).to.match(
        /AMQP_URL: expected .*(differ in host and port only|separated by commas), found something else \(not shown\)/,
      )
  })

  for (const [given, ms] of [
    ['250ms', 250],
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['168h', 604_800_000],
  ] as const)
    it(`reads the duration ${given} as ${ms} ms`, () => {
      expect(order({ CHOREO_ORDER_DEADLINE: given }).CHOREO_ORDER_DEADLINE).to.equal(ms)
    })

  for (const given of ['10', '10 m', 'm', '0s', '-1s', '1.5h', '10d', '169h', '1e3ms', '10M'])
    it(`refuses the duration ${given}`, () => {
      expect(refused({ CHOREO_ORDER_DEADLINE: given })).to.contain(`found "${given}"`)
    })

  for (const [name, given] of [
    ['CHOREO_HTTP_PORT', '65536'],
    ['CHOREO_HTTP_PORT', '-1'],
    ['CHOREO_HTTP_PORT', '0x50'],
    ['CHOREO_HTTP_PORT', '80.5'],
    ['CHOREO_HTTP_HOST', 'a host'],
    ['CHOREO_PREFETCH', '0'],
    ['CHOREO_PREFETCH', '2001'],
    ['CHOREO_MAX_ATTEMPTS', '0'],
    ['CHOREO_MAX_IN_FLIGHT', '0'],
    ['CHOREO_MAX_OPEN_ORDERS', '0'],
    ['INVENTORY_URL', 'localhost:3102'],
    ['INVENTORY_URL', 'file:///etc/passwd'],
  ] as const)
    it(`refuses ${given} as ${name}`, () => {
      expect(refused({ [name]: given }))
        .to.contain(`${name}: expected`)
        .and.contain(JSON.stringify(given))
    })

  it('never repeats a secret, nor a URL with credentials in it', () => {
    const message = refused({
      AMQP_URL: 'http://u:SECRET@h',
      MONGODB_URL: 'SECRET',
      INVENTORY_URL: 'ftp://u:SECRET@h',
      CHOREO_CALLER_KEYS: 'ada:SECRET',
    })
    expect(message).to.not.contain('SECRET')
    for (const name of ['AMQP_URL', 'MONGODB_URL', 'INVENTORY_URL', 'CHOREO_CALLER_KEYS'])
      expect(message).to.contain(`${name}: expected`)
  })

  it('shows no value of a secret, whatever it is', () => {
    const secrets = Object.entries(orderConfig.shape).filter(([, field]) => variableNote(field).secret)
    fc.assert(
      fc.property(
        fc.constantFrom(...secrets.map(([name]) => name)),
        fc.string({ minLength: 8, unit: 'grapheme-ascii' }),
        (name, tail) => {
          const value = `!wrong ${tail}`
          expect(refused({ [name]: value })).to.not.contain(value)
        },
      ),
    )
  })

  it('reads keys as names and hashes, and lets one caller have two', () => {
    const given = `ada:${hash('A')}, ada:${hash('b')},bob.b-1:${hash('0')}`
    expect(order({ CHOREO_CALLER_KEYS: given }).CHOREO_CALLER_KEYS).to.deep.equal([
      { name: 'ada', sha256: hash('a') },
      { name: 'ada', sha256: hash('b') },
      { name: 'bob.b-1', sha256: hash('0') },
    ])
  })

  for (const given of [
    'ada',
    'ada:12',
    `:${hash('a')}`,
    `a b:${hash('a')}`,
    `ada:${hash('a')},`,
    `ada:${hash('g')}`,
  ])
    it(`refuses the keys ${given.slice(0, 12)}`, () => {
      expect(refused({ CHOREO_CALLER_KEYS: given })).to.contain(
        'CHOREO_CALLER_KEYS: expected name:sha256 pairs',
      )
    })

  it('refuses one key for a caller and an operator', () => {
    const keys = { CHOREO_CALLER_KEYS: `ada:${hash('a')}`, CHOREO_OPERATOR_KEYS: `olga:${hash('A')}` }
    expect(refused(keys)).to.contain('each key only once').and.not.contain(hash('a'))
  })

  it('tells no service of the administrator of the broker, and asks payment for its provider', () => {
    const given = { RABBITMQ_MANAGEMENT_URL: 'http://admin:hush@127.0.0.1:15672' }
    expect(order(given)).to.not.have.property('RABBITMQ_MANAGEMENT_URL')
    expect(faultOf(() => loadConfig(paymentConfig, servers))).to.contain('PAYMENT_PROVIDER_URL')
  })

  it('can be described: every variable says what it is for and what it expects', () => {
    for (const { shape } of Object.values(configurations))
      for (const [name, field] of Object.entries(shape)) {
        const { description, expected } = variableNote(field)
        expect(description, name).to.match(/^[A-Z].*\.$/)
        expect(expected, name).to.match(/^\S.{5,}$/)
      }
  })
})

describe('a CHOREO_ variable that nobody reads', () => {
  const warnings = (env: Record<string, string>) =>
    loadConfig(orderConfig, { ...servers, ...env }, knownVariables).warnings

  it('is warned of, with the name that was meant', () => {
    expect(warnings({ CHOREO_ORDER_DEADLIN: '1s' })).to.deep.equal([
      'CHOREO_ORDER_DEADLIN is not read by anything; did you mean CHOREO_ORDER_DEADLINE?',
    ])
  })

  it('is warned of without a guess when no name is near', () => {
    expect(warnings({ CHOREO_ZYGOMORPHIC_QUUX: '1' })).to.deep.equal([
      'CHOREO_ZYGOMORPHIC_QUUX is not read by anything',
    ])
  })

  it('is not one that another service reads, nor one of somebody else', () => {
    const env = { CHOREO_STOCK_UNITS: '5', CHOREO_INSTALL: 'never', CHOREO_CALLER_KEYS_FILE: '', OTHER: '1' }
    expect(warnings(env)).to.deep.equal([])
  })
})
