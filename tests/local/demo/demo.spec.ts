import { expect } from 'chai'
import { liveOn } from '../../../local/demo/live.ts'
import { reportOf } from '../../../local/demo/report.ts'
import { type Result, runDemo } from '../../../local/demo/run.ts'
import { shownSkus } from '../../../services/catalogue.ts'
import { type Clock, systemClock } from '../../../shared/runtime/time/clock.ts'
import { openStandInShop, type StandInShop } from './stand-in-shop.ts'

const count = 60

/** Twenty times as fast as the real one. */
const hasty: Clock = {
  now: () => 20 * systemClock.now(),
  monotonic: () => 20 * systemClock.monotonic(),
  after: (ms, task) => systemClock.after(ms / 20, task),
  defer: systemClock.defer,
}

describe('the demo', () => {
  let shop: StandInShop
  let written: string

  beforeEach(async () => {
    shop = await openStandInShop(hasty)
    written = ''
  })
  afterEach(() => shop.close())

  const run = (withinSeconds = 400, kill?: string): Promise<Result> => {
    const providers = { paymentProvider: `${shop.url}/payments`, carrier: `${shop.url}/parcels` }
    const found = { url: shop.url, ...providers, folder: undefined, ours: true, stop: async () => {} }
    const write = (text: string | Uint8Array) => {
      written += text
      return true
    }
    const live = liveOn({ write, isTTY: false, columns: 80 })
    const options = { orders: count, kill, withinSeconds, help: false }
    return runDemo({ found, options, live, bearer: undefined, clock: hasty })
  }
  const first = (status: string) => {
    let met = false
    return (order: { status: string }) => {
      if (met || order.status !== status) return false
      met = true
      return true
    }
  }
  const wrongs = ({ offences }: Result) => offences.map(({ what }) => what).join('; ')

  it('finds nothing wrong with a shop that keeps its promises, and says where all orders ended', async () => {
    const result = await run()
    expect(result.offences).to.deep.equal([])
    const ends = [...shop.orders.values()].map(({ status }) => status)
    for (const end of ['confirmed', 'rejected', 'cancelled']) {
      const those = ends.filter(each => each === end).length
      expect(reportOf(result)).to.match(new RegExp(`\\n {2}${end} +${those}\\n`))
    }
    expect(reportOf(result)).to.match(/every cent and every item is accounted for/)
  })

  it('buys nothing that the pages show the stock totals of', async () => {
    await run()
    const bought = [...shop.orders.values()].flatMap(({ body }) => body.lines.map(({ sku }) => sku))
    expect(bought).to.include('SKU-11')
    expect(shownSkus.filter(sku => bought.includes(sku))).to.deep.equal([])
    expect(shop.stock.get('SKU-7')).to.include({ onHand: 9 })
  })

  it('makes one order of what is sent four times at once', async () => {
    await run()
    expect(shop.orders.size).to.equal(count)
  })

  it('shows how many orders are where while they run', async () => {
    await run()
    const last = written.trimEnd().split('\n').at(-1)
    expect(last).to.match(/s {2}0 sending, 0 open, 0 undoing, \d+ confirmed, \d+ rejected, \d+ cancelled$/)
  })

  it('tells of an order that was charged and given its money back', async () => {
    const report = reportOf(await run())
    const [, story = ''] = report.split('One order that was undone\n')
    expect(story).to.match(/^ord_\S+ {2}cancelled/)
    expect(story).to.match(/accepted[\s\S]*charge[\s\S]*refund/)
  })

  const mistakes: Record<string, [(shop: StandInShop) => StandInShop['onEnd'], RegExp]> = {
    'a second charge': [
      ({ ledger }) => {
        const hit = first('confirmed')
        return order => {
          const charge = ledger.find(({ orderId, kind }) => orderId === order.orderId && kind === 'charge')
          if (hit(order) && charge) ledger.push({ ...charge, key: 'another' })
        }
      },
      /is confirmed and paid \d+ instead of \d+; .*was charged 2 times/,
    ],
    'a refund that never came': [
      ({ ledger }) => {
        const hit = first('cancelled')
        return order => {
          if (hit(order)) ledger.splice(0, ledger.length, ...ledger.filter(isNot(order.orderId, 'refund')))
        }
      },
      /^is cancelled and paid \d+ instead of 0$/,
    ],
    'a second refund': [
      ({ ledger }) => {
        const hit = first('cancelled')
        return ({ orderId, status, total }) => {
          if (hit({ status })) ledger.push({ key: 'again', orderId, kind: 'refund', amount: total, at: 1 })
        }
      },
      /was refunded 2 times/,
    ],
    'a parcel for a cancelled order': [
      ({ ledger }) => {
        const hit = first('cancelled')
        return ({ orderId, status }) => {
          if (hit({ status })) ledger.push({ key: 'parcel', orderId, kind: 'shipment', amount: 0, at: 1 })
        }
      },
      /^is cancelled and was shipped 1 times$/,
    ],
    'a charge for an order that nobody knows': [
      ({ ledger }) => {
        const hit = first('cancelled')
        return order => {
          if (hit(order))
            ledger.push({ key: 'ghost', orderId: 'ord_ghost', kind: 'charge', amount: 5, at: 1 })
        }
      },
      /^is in a ledger, and no such order exists$/,
    ],
    'units that vanish': [
      ({ stock }) => {
        const hit = first('confirmed')
        return order => {
          const [books] = stock.values()
          if (hit(order) && books) books.onHand--
        }
      },
      /^\d+ on hand \+ 0 held \+ \d+ shipped is not the \d+ that there were$/,
    ],
    'units that stay held': [
      ({ stock }) => {
        const hit = first('confirmed')
        return order => {
          const books = stock.get('SKU-11')
          if (!hit(order) || !books) return
          books.onHand--
          books.held++
        }
      },
      /^1 are held, although no order is open$/,
    ],
    'units that leave without being sold': [
      ({ stock }) => {
        const hit = first('rejected')
        return order => {
          const books = stock.get('SKU-11')
          if (!hit(order) || !books) return
          books.onHand--
          books.shipped++
        }
      },
      /^\d+ left the shelf, and \d+ were sold$/,
    ],
    'an order that ends where its kind cannot': [
      () => {
        const hit = first('confirmed')
        return order => {
          if (order.body.payment.token === 'tok_flaky_2' && hit(order)) order.status = 'rejected'
        }
      },
      /provider flaky: ended rejected instead of confirmed/,
    ],
  }

  for (const [mistake, [meddle, complaint]] of Object.entries(mistakes))
    it(`reports ${mistake}, with the story of that order`, async () => {
      shop.onEnd = meddle(shop)
      const result = await run()
      expect(wrongs(result)).to.match(complaint)
      expect(reportOf(result)).to.match(/\d+ things are wrong:\n {2}\S+ /)
    })

  it('refuses to kill what does not run here, before it submits anything', async () => {
    const refused = await run(400, 'nobody').catch(error => error)
    expect(refused).to.include({ code: 'config-invalid' })
    expect(refused.message).to.include('there is no nobody to kill')
    expect(shop.orders.size).to.equal(0)
  })

  it('gives up on an order that never ends, and says what it awaits', async () => {
    const hit = first('rejected')
    shop.onEnd = order => {
      if (hit(order))
        Object.assign(order, { status: 'placed', awaiting: ['inventory.released'], looks: -1e6 })
    }
    const result = await run(100)
    expect(wrongs(result)).to.equal('is placed and still awaits inventory.released')
  })
})

const isNot = (id: string, what: string) => (entry: { orderId: string; kind: string }) =>
  entry.orderId !== id || entry.kind !== what
