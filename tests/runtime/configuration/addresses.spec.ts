import { expect } from 'chai'
import { amqpUrlFor, givenBroker } from '../../../local/bring-up/connections.ts'
import { shop } from '../../../services/contract/shop.ts'
import { adminOf } from '../../../shared/messaging/topology/management.ts'
import { addressesIn, addressesOf, addressesWith } from '../../../shared/runtime/configuration/addresses.ts'
import { vhostOf } from '../../../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'

const one = 'amqp://me:p%40ss@one:5672/mine'
const both = `${one}, amqp://me:p%40ss@two:5672/mine`

describe('the addresses of a cluster', () => {
  it('are one where there is one, also with a list of hosts or a comma in its password', () => {
    for (const url of [one, 'mongodb://one:27017,two:27017/?replicaSet=rs0', 'amqp://me:a,b@one/mine'])
      expect(addressesIn(url)).to.deep.equal([url])
  })

  it('are each changed alone, and become one text again', () => {
    const urls = addressesOf(both, 'AMQP_URL')
    const without = addressesWith(urls, url => {
      url.pathname = ''
    })
    expect(without).to.equal('amqp://me:p%40ss@one:5672,amqp://me:p%40ss@two:5672')
    expect(urls[0].pathname, 'the given ones stay').to.equal('/mine')
  })

  for (const [what, text] of [
    ['no URL', 'amqp://me:hush@one/mine,amqp://'],
    ['another user', 'amqp://me:hush@one/mine,amqp://you:hush@two/mine'],
    ['another password', 'amqp://me:hush@one/mine,amqp://me:hushed@two/mine'],
    ['another vhost', 'amqp://me:hush@one/mine,amqp://me:hush@two/yours'],
    ['other options', 'amqp://me:hush@one/mine,amqp://me:hush@two/mine?heartbeat=1'],
    ['another scheme', 'amqp://me:hush@one/mine,amqps://me:hush@two/mine'],
  ])
    it(`are refused when one is ${what}, without a word of them`, () => {
      const refusal = expect(() => addressesOf(text ?? '', 'AMQP_URL')).to.throw(SagaError, /AMQP_URL/)
      refusal.with.property('code', 'config-invalid')
      refusal.not.match(/hush|one|mine/)
    })

  it('lead to one vhost and one administrator', () => {
    expect(vhostOf(both, shop.names.vhost)).to.equal('mine')
    const admin = { adminUser: 'me', adminPassword: 'p@ss' }
    const managementUrl = 'http://one:15672,http://two:15672'
    expect(adminOf('http://one:15672/,http://two:15672/', both)).to.deep.equal({ ...admin, managementUrl })
    const other = { managementUrl, adminUser: 'root', adminPassword: 'r' }
    expect(adminOf('http://root:r@one:15672,http://root:r@two:15672', both)).to.deep.equal(other)
  })

  it('are all told to a service, with its own user', () => {
    const broker = givenBroker(both, 'http://one:15672,http://two:15672')
    expect(broker.amqpUrl).to.equal('amqp://one:5672,amqp://two:5672')
    expect(amqpUrlFor(broker, 'payment', 'pw')).to.equal(
      'amqp://mine.payment:pw@one:5672/mine,amqp://mine.payment:pw@two:5672/mine',
    )
  })
})
