import { createServer } from 'node:http'
import { expect } from 'chai'
import { freePort } from '../../../../local/bring-up/ports.ts'
import { Sku } from '../../../../services/contract/ids.ts'
import { stockFrom } from '../../../../services/order/api/stock-reader.ts'
import { closeServer, listenAt } from '../../../../shared/runtime/http/listen.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { eventually } from './raw-client.ts'

const sku = Sku.parse('SKU-1')
const stock = { sku, initial: 10, restocked: 0, onHand: 7, held: 2, shipped: 1 }

describe('the stock reader', () => {
  let answer: { status: number; text: string } | 'silence'
  let url = ''
  const seen: (string | undefined)[] = []
  const inventory = createServer((request, response) => {
    seen.push(request.url)
    if (answer === 'silence') return
    if (request.url === '/elsewhere') response.end(JSON.stringify(stock))
    else response.writeHead(answer.status, { location: '/elsewhere' }).end(answer.text)
  })
  before(async () => {
    const { port } = await listenAt(inventory, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
    url = `http://127.0.0.1:${port}/`
  })
  after(async () => {
    const closed = closeServer(inventory)
    inventory.closeAllConnections()
    await closed
  })

  for (const [title, reply, expected] of [
    ['the stock', { status: 200, text: JSON.stringify(stock) }, stock],
    ['that there is none', { status: 404, text: '{}' }, 'unknown'],
    ['that it is ill', { status: 503, text: '{}' }, 'unavailable'],
    ['something else', { status: 200, text: '{"sku":"SKU-1"}' }, 'unavailable'],
    ['no JSON', { status: 200, text: '<html>' }, 'unavailable'],
    ['to look elsewhere', { status: 302, text: '' }, 'unavailable'],
  ] as const)
    it(`understands when inventory says ${title}`, async () => {
      answer = reply
      const clock = manualClock()
      expect(await stockFrom(url, { clock })(sku)).to.deep.equal(expected)
      expect(clock.waiting(), 'timers left').to.equal(0)
      expect(seen.at(-1)).to.equal('/stock/SKU-1')
    })

  it('stops waiting for an inventory that says nothing', async () => {
    answer = 'silence'
    const clock = manualClock()
    const count = seen.length
    const reading = stockFrom(url, { clock, timeoutMs: 2_000 })(sku)
    await eventually(() => seen.length > count, 'the call')
    await clock.advance(2_000)
    expect(await reading).to.equal('unavailable')
    expect(clock.waiting()).to.equal(0)
  })

  it('says unavailable when nothing listens', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    expect(await stockFrom(nobody, { clock: systemClock })(sku)).to.equal('unavailable')
  })
})
