import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import {
  type Dispatcher,
  EnvHttpProxyAgent,
  getGlobalDispatcher,
  setGlobalDispatcher,
  fetch as undiciFetch,
} from 'undici'
import { fetchAsAsked } from '../../../cli/fetch-as-asked.ts'
import { freePort } from '../../../local/bring-up/ports.ts'
import { privateClient } from '../../../services/order/api/private-client.ts'
import { managementApi } from '../../../shared/messaging/topology/management.ts'
import { fetchDirectly } from '../../../shared/runtime/http/direct-fetch.ts'
import { listenAt } from '../../../shared/runtime/http/listen.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'

describe('a proxy of the environment, as Node 24 uses one with NODE_USE_ENV_PROXY', () => {
  let server: Server
  let url: string
  let usual: Dispatcher

  before(async () => {
    server = createServer((_, response) => response.end('{"n":1}'))
    const { port } = await listenAt(server, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
    url = `http://127.0.0.1:${port}`
    usual = getGlobalDispatcher()
    // Nobody listens there, so that whoever goes through it gets no answer.
    setGlobalDispatcher(
      new EnvHttpProxyAgent({ httpProxy: `http://127.0.0.1:${await freePort()}`, noProxy: '' }),
    )
  })
  after(async () => {
    setGlobalDispatcher(usual)
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  it('stands in the way of a usual fetch', async () => {
    const outcome = await undiciFetch(url).then(
      () => 'answered',
      () => 'no answer',
    )
    expect(outcome).to.equal('no answer')
  })

  it('is never asked for a server that is configured, nor by the command line for this machine', async () => {
    expect(await (await fetchDirectly(url)).text()).to.equal('{"n":1}')
    expect(await (await fetchAsAsked(url, {})).text()).to.equal('{"n":1}')
    const admin = { managementUrl: url, adminUser: 'a', adminPassword: 'b' }
    expect(await managementApi(admin, 5_000)('GET', '/api/overview')).to.deep.equal({ n: 1 })
    const port = privateClient(url, { clock: systemClock, timeoutMs: 5_000 })
    expect(await port.get('/lag', response => response.text())).to.equal('{"n":1}')
  })

  it('is asked by the command line for an API elsewhere, as Node would', async () => {
    const outcome = await fetchAsAsked('http://shop.example/', {}).then(
      () => 'answered',
      error => String(error.cause?.code ?? error.cause?.name ?? error.name),
    )
    expect(outcome).to.not.equal('answered')
    expect(outcome, 'which is no question to the DNS').to.not.match(/ENOTFOUND|EAI_AGAIN/)
  })
})

describe('a private port behind a path and a password', () => {
  it('is asked below the path, as the user of its URL', async () => {
    const seen: unknown[] = []
    const server = createServer(({ url, headers }, response) => {
      seen.push([url, headers.authorization])
      response.end('{}')
    })
    const { port } = await listenAt(server, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
    const client = privateClient(`http://me:p%C3%A4@127.0.0.1:${port}/inventory/`, {
      ...{ clock: systemClock, timeoutMs: 5_000 },
    })
    await client.get('/stock/SKU-1', response => response.text())
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    const basic = `Basic ${Buffer.from('me:pä').toString('base64')}`
    expect(seen).to.deep.equal([['/inventory/stock/SKU-1', basic]])
  })
})
