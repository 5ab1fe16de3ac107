import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { serviceVariables } from '../../local/system/service-environment.ts'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { participants } from '../../rabbitmq/participants.ts'
import { describedServices } from '../../reference/services/described-services.ts'
import { starts } from '../../services/all.ts'
import { configurations } from '../../services/configurations.ts'
import { events } from '../../services/contract/shop.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import {
  eventOwners,
  privatePortOf,
  reactingNames,
  readingNames,
  registry,
  serviceNames,
} from '../../services/registry.ts'
import { listsNames } from './name-lists.ts'
import { filesBelow, read, root } from './page.ts'

/** The files that name three or more services in one literal, and why that is no list of the services. */
const noLists: Readonly<Record<string, string>> = {
  'bench/naive/events.ts': 'another system, with services of its own',
  'bench/systems/naive.ts': 'another system, with services of its own',
  'bench/limit/profile.ts': 'what a document of each service takes was measured',
  'tests/operations/explain/explain.spec.ts': 'what some services know in one situation',
  'tests/operations/explain/full-queue.spec.ts': 'what some services know in one situation',
  'tests/simulation/world/shop.ts': 'those that call somebody call simulated ports',
}
const product = ['choreography', 'cli', 'local', 'rabbitmq', 'reference', 'services', 'shared', 'system']
const sources = [
  ...[...product, 'bench', 'harness', 'tests'].flatMap(folder => filesBelow(folder, '.ts')),
  ...[...filesBelow('local', '.mjs'), ...filesBelow('deploy', '.mjs')],
]
const listing = sources.filter(file => listsNames(read(file), serviceNames, 3))

describe('the list of services', () => {
  it('has every folder below services that has a program', () => {
    const folders = readdirSync(join(root, 'services'))
    const withProgram = folders.filter(name => existsSync(join(root, 'services', name, 'main.ts')))
    expect(serviceNames).to.have.members(withProgram)
  })

  it('has every name, port and first word of events once', () => {
    for (const key of ['name', 'privatePort', 'eventPrefix'] as const) {
      const values = registry.flatMap(entry => (key in entry ? [entry[key as 'name']] : []))
      expect(new Set(values).size, key).to.equal(values.length)
    }
  })

  it('is what is started, in its order', async () => {
    expect(Object.keys(await starts())).to.deep.equal(serviceNames)
  })

  it('is what has variables, besides the topology watch', () => {
    expect(Object.keys(configurations)).to.deep.equal([...serviceNames, 'topology-watch'])
  })

  it('is what has a page', () => {
    expect(describedServices.map(({ name }) => name)).to.deep.equal(serviceNames)
  })

  it('has what reacts under the rules of the same name, and the others read the journal', () => {
    expect(reactingServices.map(({ name }) => name)).to.deep.equal(reactingNames)
    expect(participants.map(({ service }) => service)).to.deep.equal(reactingNames)
    expect([...reactingNames, ...readingNames]).to.have.members([...serviceNames])
  })

  it('is what has a user on the broker, besides the operator', () => {
    expect(brokerUsers).to.have.members([...serviceNames, 'operator'])
  })

  it('says where each private port is unless set', () => {
    for (const name of serviceNames)
      expect(configurations[name].shape.CHOREO_HEALTH_PORT?.parse(undefined)).to.equal(privatePortOf(name))
  })

  it('says whose each event of the contract is', () => {
    const owners: Readonly<Record<string, string>> = eventOwners
    for (const { type, owner } of events) expect(owner, type).to.equal(owners[type.split('.')[0] ?? ''])
    expect(Object.values(eventOwners)).to.have.members([...new Set(events.map(({ owner }) => owner))])
  })

  it('is what order can call, besides itself', () => {
    const urls = serviceNames.filter(name => name !== 'order').map(name => `${name.toUpperCase()}_URL`)
    expect(configurations.order.shape).to.include.keys(urls)
  })

  it('is what npm start tells where everything is', () => {
    const broker = { url: 'amqp://broker.example:5672', vhost: 'choreo', userPrefix: '' }
    const connections = { broker, mongodbUrl: 'mongodb://store.example', redisUrl: 'redis://cache.example' }
    const health = Object.fromEntries(serviceNames.map((name, n) => [name, 4_001 + n])) as never
    const ports = { http: 4_000, paymentProvider: 4_100, carrier: 4_101, health }
    for (const [n, name] of serviceNames.entries()) {
      const variables = serviceVariables(name, connections as never, {}, ports)
      expect(variables.CHOREO_HEALTH_PORT, name).to.equal(String(4_001 + n))
      expect(Object.keys(configurations[name].shape), name).to.include.members(Object.keys(variables))
    }
  })

  it('stands nowhere else', () => {
    expect(listing.filter(file => noLists[file] === undefined)).to.deep.equal([])
  })

  it('is named in no file for a reason that is gone', () => {
    expect(Object.keys(noLists)).to.have.members(listing)
  })

  it('would be found as an array, as keys and as shorthands', () => {
    for (const list of ["['a', 'b', 'c']", '{ a: 1, b: 2, c: 3 }', '{ a, b, c }', "{ a: ['x'], b: {}, c }"])
      expect(listsNames(`const list = ${list}`, ['a', 'b', 'c', 'd'], 3), list).to.equal(true)
    expect(listsNames("['a', 'b'], ['c']", ['a', 'b', 'c', 'd'], 3)).to.equal(false)
  })
})
