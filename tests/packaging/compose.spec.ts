import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { askedBy, composeFaults, composeServices, filledIn, schemaFaults } from './compose.ts'
import { read, root, yaml } from './project.ts'
import type { Variables } from './variables.ts'

const text = read('docker-compose.yml')
const override = read('docker-compose.dev.yml')

describe('the environment file of the containers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-env-'))
  const file = join(folder, '.env')
  const make = () =>
    execFileSync(process.execPath, [join(root, 'deploy/make-env.mjs'), file], {
      stdio: 'pipe',
      encoding: 'utf8',
    })
  const given = (): Variables =>
    Object.fromEntries(
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(line => /^\w+=/.test(line))
        .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  before(() => {
    make()
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is for its owner alone', () => {
    expect(statSync(file).mode & 0o777).to.equal(0o600)
  })

  it('has another value for every secret', () => {
    const values = Object.values(given())
    expect(new Set(values).size).to.equal(values.length)
    expect(Math.min(...values.map(value => value.length))).to.be.at.least(32)
  })

  it('tells the API the hash of each key, and the command line alone a key', () => {
    const { CALLER_KEY = '', OPERATOR_KEY = '', CHOREO_CALLER_KEYS, CHOREO_OPERATOR_KEYS } = given()
    const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
    expect(CHOREO_CALLER_KEYS).to.equal(`shop:${sha256(CALLER_KEY)}`)
    expect(CHOREO_OPERATOR_KEYS).to.equal(`operator:${sha256(OPERATOR_KEY)}`)
    const told = Object.entries(composeServices(filledIn(text, given())))
      .filter(([, service]) => [CALLER_KEY, OPERATOR_KEY].some(key => JSON.stringify(service).includes(key)))
      .map(([name]) => name)
    expect(told).to.deep.equal(['tools'])
  })

  it('has what the compose file asks for, and nothing that it does not', () => {
    const asked = askedBy(text).filter(name => name.endsWith('_PASSWORD') || name.endsWith('_KEYS'))
    const made = Object.keys(given()).filter(name => !/^(CALLER|OPERATOR)_KEY$/.test(name))
    expect(made.toSorted()).to.deep.equal(asked.toSorted())
  })

  it('stays as it is when it has everything', () => {
    const before = readFileSync(file, 'utf8')
    expect(make()).to.include('has everything already')
    expect(readFileSync(file, 'utf8')).to.equal(before)
  })

  it('gets what a later version of the compose file asks for, and keeps the rest', () => {
    const before = given()
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(
      file,
      lines.filter(line => !/^(REDIS_PASSWORD|CALLER_KEY|CHOREO_CALLER)/.test(line)).join('\n'),
    )
    make()
    const { REDIS_PASSWORD, CALLER_KEY, CHOREO_CALLER_KEYS, ...kept } = given()
    expect(before).to.include(kept)
    expect(Object.keys(given()).toSorted()).to.deep.equal(Object.keys(before).toSorted())
    expect([REDIS_PASSWORD, CALLER_KEY]).not.to.include.members([before.REDIS_PASSWORD])
    expect(CHOREO_CALLER_KEYS).to.include(
      createHash('sha256')
        .update(CALLER_KEY ?? '')
        .digest('hex'),
    )
  })

  it('makes the compose file a whole system', () => {
    expect(composeFaults(filledIn(text, given()))).to.deep.equal([])
  })

  it('is asked for by the compose file when it is missing', () => {
    expect(() => filledIn(text, {})).to.throw('run node deploy/make-env.mjs')
  })

  it('is ignored by git and stays out of the image', () => {
    expect(read('.gitignore').split('\n')).to.include('.env')
    const taken = read('.dockerignore').split('\n')
    expect(taken.find(line => !line.startsWith('#'))).to.equal('*')
    expect(taken.filter(line => line.startsWith('!')).join()).not.to.include('.env')
  })

  const breakages: readonly (readonly [what: string, from: string, to: string, told: string])[] = [
    ['an image without a version', 'redis:8.2', 'redis:latest', 'redis:latest is not pinned'],
    ['a port that everybody can reach', '127.0.0.1:3000:3000', '3000:3000', '3000:3000 is published to all'],
    ['a file system that can be written', 'read_only: true', 'read_only: false', 'order: its file system'],
    ['capabilities', '[ALL]', '[NET_RAW]', 'order: keeps capabilities'],
    ['privileges', 'security_opt: ["no-new', 'x-opt: ["no-new', 'order: may gain privileges'],
    ['a stop without time', 'stop_grace_period: 20s', 'stop_grace_period: 10s', 'is killed before'],
    [
      'a program that does not exist',
      'dist/rabbitmq/watch.js',
      'dist/rabbitmq/see.js',
      'is no program of ours',
    ],
    ['a missing variable', 'CARRIER_URL:', 'x-CARRIER_URL:', 'CARRIER_URL: expected'],
    ['a variable that nobody reads', 'CARRIER_URL:', 'CARRIERS_URL:', 'does not read CARRIERS_URL'],
    ['an API in its own container', 'TRACKING_URL:', 'x-TRACKING_URL:', 'order is not told TRACKING_URL'],
    ['a private port on loopback', 'CHOREO_HEALTH_HOST:', 'CHOREO_H:', 'is not told CHOREO_HEALTH_HOST'],
    ['a URL to nowhere', 'http://carrier:', 'http://courier:', 'CARRIER_URL leads to no service'],
    ['a short password', ' ORDER_PASSWORD: ', ' ORDER_PASSWORD: short # ', 'ORDER_PASSWORD: expected 16'],
    ['a missing service', '  tracking:\n', '  follower:\n', 'tracking is missing'],
    [
      'a server without a health check',
      'healthcheck:\n      test: [CMD, redis-cli',
      'x-check:\n      test: [CMD, redis-cli',
      'redis: has no health check',
    ],
    [
      'a wait for the wrong moment',
      'service_completed_successfully',
      'service_started',
      'waits for prepare to be',
    ],
    ['a command line that is left out', '  tools:\n', '  toolbox:\n', 'tools is missing'],
    [
      'a service as another in MongoDB',
      'mongodb://choreo_payment:',
      'mongodb://choreo_order:',
      'payment: MONGODB_URL logs in as choreo_order',
    ],
    [
      'a service as another in RabbitMQ',
      'amqp://choreo.payment:',
      'amqp://choreo.order:',
      'payment: AMQP_URL logs in as choreo.order',
    ],
    [
      'a user whose password nobody sets',
      '      MONGODB_OPERATOR_PASSWORD: ',
      '      MONGODB_OPERATOR_PASSWORD: another-password-of-it # ',
      'tools: MONGODB_URL has another password than is made',
    ],
    [
      'a user of MongoDB without a password',
      '      MONGODB_PAYMENT_PASSWORD: ',
      '      # MONGODB_PAYMENT_PASSWORD: ',
      'MONGODB_PAYMENT_PASSWORD: expected 16',
    ],
    [
      'a MongoDB that lets everybody in',
      'MONGO_INITDB_ROOT_PASSWORD: ',
      'MONGO_INITDB_ROOT_PASS: ',
      'mongodb: lets everybody in',
    ],
    ['a Redis that lets everybody in', '--requirepass', '#', 'redis: lets everybody in'],
    ['another password for Redis', 'redis://:', 'redis://:x', 'REDIS_URL has another password'],
    ['a volume that is not declared', '  carrier:\n', '  carriers:\n', 'there is no carrier'],
  ]
  for (const [what, from, to, told] of breakages)
    it(`would not hide ${what}`, () => {
      const broken = filledIn(text, given()).replaceAll(from, to)
      expect(composeFaults(broken).join('\n')).to.include(told)
    })
})

describe('the compose files', () => {
  it('follow the official schema', () => {
    expect(schemaFaults(text)).to.deep.equal([])
    expect(schemaFaults(override)).to.deep.equal([])
  })

  it('would not follow it with a misspelt key', () => {
    expect(schemaFaults(text.replace('read_only:', 'readonly:')).join()).to.include('must NOT have')
    expect(schemaFaults(override.replace('ports:', 'port:')).join()).to.include('must NOT have')
  })

  it('publish nothing but the public API and the management pages', () => {
    const filled = filledIn(text, { RABBITMQ_ADMIN_PASSWORD: 'x', REDIS_PASSWORD: 'y' })
    const ports = [...filled.matchAll(/ports: \["([^"]+)"\]/g)].map(([, port]) => port)
    expect(ports).to.deep.equal(['127.0.0.1:15672:15672', '127.0.0.1:3000:3000'])
  })

  it('publish the servers for development, to this machine alone', () => {
    const ports = filledIn(override, {}).match(/"[^"]+:\d+"/g) ?? []
    expect(ports).to.have.length(4)
    expect(ports.filter(port => !port.startsWith('"127.0.0.1:'))).to.deep.equal([])
    const services = (file: string) => Object.keys((yaml(file) as { services: object }).services)
    expect(services(text)).to.include.members(services(override))
  })
})
