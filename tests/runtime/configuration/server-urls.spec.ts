import { expect } from 'chai'
import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import { givenBroker } from '../../../local/bring-up/connections.ts'
import { watchVariables } from '../../../local/system/service-environment.ts'
import { topologyWatchConfig } from '../../../rabbitmq/configuration.ts'
import { type UrlForm, urlForms } from '../../../reference/url-forms.ts'
import { configurations } from '../../../services/configurations.ts'
import { shop } from '../../../services/contract/shop.ts'
import { type ServiceName, serviceNames } from '../../../services/registry.ts'
import { adminOf } from '../../../shared/messaging/topology/management.ts'
import {
  amqpAddressesOf,
  amqpUrlWith,
  credentialsOf,
  hostsIn,
  httpAddressOf,
  shownUrls,
  vhostOf,
  withVhost,
} from '../../../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'

type Read = Exclude<UrlForm['reads'], 'refused'>

const ofHttp = (url: string, variable: string): Read => {
  const { base, headers } = httpAddressOf(url, variable)
  const [user = '', password = ''] = Buffer.from(
    headers.authorization?.slice('Basic '.length) ?? '',
    'base64',
  )
    .toString()
    .split(':')
  return { base, user, password }
}

/** What the programs read in a URL, by the code that they read it with. */
const reading: Readonly<Record<string, (url: string) => Read>> = {
  AMQP_URL: url => {
    const [address] = amqpAddressesOf(withVhost(url, shop.names.vhost))
    const { hostname: host = '', port = 0, user = '', password = '', vhost = '' } = address ?? {}
    expect(vhostOf(url, shop.names.vhost), 'as the management API is told').to.equal(vhost)
    return { host, port, user, password, vhost }
  },
  RABBITMQ_MANAGEMENT_URL: url => {
    const of = 'that of AMQP_URL'
    const { managementUrl, adminUser, adminPassword } = adminOf(
      url,
      amqpUrlWith('amqp://h', { vhost: 'v', as: { user: of, password: of } }),
    )
    return { base: managementUrl, user: adminUser, password: adminPassword }
  },
  MONGODB_URL: url => {
    const { credentials, hosts } = new MongoClient(url).options
    expect(hosts.map(String)).to.deep.equal(hostsIn(url))
    const { username: user = '', password = '' } = credentials ?? {}
    return { hosts: hosts.join(', '), user, password }
  },
  REDIS_URL: url => {
    const redis = new Redis(url, { lazyConnect: true })
    const { host = '', port, username: user, password, db } = redis.options
    return { host, port: Number(port), user: user ?? '', password: password ?? '', database: Number(db) }
  },
  PAYMENT_PROVIDER_URL: url => ofHttp(url, 'PAYMENT_PROVIDER_URL'),
  CARRIER_URL: url => ofHttp(url, 'CARRIER_URL'),
}

const shapes = {
  ...topologyWatchConfig.shape,
  ...configurations.payment.shape,
  ...configurations.shipping.shape,
}

describe('the URL of a server', () => {
  for (const { variable, url, reads } of urlForms) {
    const schema = Object.entries(shapes).find(([name]) => name === variable)?.[1]
    const taken = () => schema?.safeParse(url).success
    if (reads === 'refused')
      it(`is refused in ${variable} as ${url}`, () => {
        expect(taken()).to.equal(false)
      })
    else
      it(`is read alike by all who read ${variable} as ${url}`, () => {
        expect(taken()).to.equal(true)
        expect(reading[variable]?.(url)).to.deep.equal(reads)
      })
  }

  it('has a row in the table for every variable that is one', () => {
    const named = new Set(urlForms.map(({ variable }) => variable))
    const all = Object.keys(shapes).filter(name => name.endsWith('_URL'))
    expect(all.filter(name => !named.has(name))).to.deep.equal([])
  })

  it('leads whoever enters a broker to a vhost that is named, never to that of a library', () => {
    expect(() => amqpAddressesOf('amqp://ada:hush@one'))
      .to.throw(SagaError, 'names no vhost')
      .not.match(/hush/)
    expect(givenBroker('amqp://ada:x@one', undefined).amqpUrl).to.equal('amqp://ada:x@one/choreo')
  })

  it('says a user and a password again as they are, whatever characters they have', () => {
    const as = { user: 'a/b.päy%', password: 'pässwörd/%@:?#' }
    const [address] = amqpAddressesOf(amqpUrlWith('amqp://one:1', { vhost: 'a/b%ü', as }))
    expect(address).to.deep.include({ ...as, vhost: 'a/b%ü', host: 'one:1' })
    const broker = givenBroker('amqp://p%C3%A4:%2F%25@one/a%2Fb', 'http://one/rabbit')
    const ports = { http: 1, paymentProvider: 2, carrier: 3, topologyWatch: 4 }
    const health = Object.fromEntries(serviceNames.map(name => [name, 1])) as Record<ServiceName, number>
    const told = watchVariables(
      { broker, mongodbUrl: '', redisUrl: '' },
      { operator: 'ö' },
      { ...ports, health },
    )
    const url = new URL(told?.RABBITMQ_MANAGEMENT_URL ?? '')
    expect(credentialsOf(url)).to.deep.equal({ user: 'pä', password: '/%' })
    expect(url.pathname).to.equal('/rabbit')
    const [operator] = amqpAddressesOf(told?.AMQP_URL ?? '')
    expect(operator).to.deep.include({ user: 'a/b.operator', password: 'ö', vhost: 'a/b' })
  })

  it('is shown without what is secret in it', () => {
    expect(shownUrls('mongodb://me:hush@one:1,two/?appName=hush')).to.equal('mongodb://one:1,two/')
    expect(shownUrls('amqp://me:hush@one/v,amqp://me:hush@two/v')).to.equal('amqp://one/v,amqp://two/v')
  })
})
