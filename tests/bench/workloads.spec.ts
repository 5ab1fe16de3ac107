import { expect } from 'chai'
import { everyTrial } from '../../bench/options.ts'
import { workloadOf, workloads } from '../../bench/workloads.ts'
import { catalogue } from '../../services/catalogue.ts'
import { OrderRequest } from '../../services/order/order-port.ts'

const names = Object.keys(workloads) as (keyof typeof workloads)[]
const many = Array.from({ length: 1_000 }, (_, n) => n)
const declined = (name: keyof typeof workloads) =>
  many.filter(n => workloadOf(name).order(n).body.payment.token === 'tok_decline')

describe('the workloads of the bench', () => {
  for (const name of names) {
    it(`offer the same orders every time, all of which the API takes: ${name}`, () => {
      for (const n of many.slice(0, 200)) {
        const first = workloadOf(name).order(n)
        expect(workloadOf(name).order(n)).to.deep.equal(first)
        expect(OrderRequest.safeParse(first.body).success).to.equal(true)
      }
    })

    it(`repeat after ten thousand orders, so that bodies need not be made anew: ${name}`, () => {
      for (const n of [0, 7, 19, 499, 9_999])
        expect(workloadOf(name).order(n + 10_000)).to.deep.equal(workloadOf(name).order(n))
    })
  }

  it('order two lines over all SKUs, a decline for every twentieth order', () => {
    const { order } = workloads.order
    expect(order(3).body.lines).to.deep.equal([
      { sku: 'SKU-3', quantity: 1 },
      { sku: 'SKU-34', quantity: 2 },
    ])
    const skus = new Set(many.flatMap(n => order(n).body.lines.map(({ sku }) => sku)))
    expect(skus.size).to.equal(catalogue.length)
    expect(declined('order')).to.deep.equal(many.filter(n => n % 20 === 19))
  })

  it('differ in what they are named for', () => {
    expect(new Set(many.map(n => workloads.hot.order(n).body.lines[0]?.sku)).size).to.equal(1)
    expect(declined('undo')).to.have.length(many.length)
    expect(many.filter(n => workloads.cancel.order(n).cancel)).to.have.length(many.length / 5)
    for (const n of many)
      expect(new Set(workloads.large.order(n).body.lines.map(({ sku }) => sku)).size).to.equal(20)
    expect(workloads.stocked.stockUnits).to.equal(1_000_000)
    expect(workloads.duplicates.tripled).to.equal(true)
    for (const n of many) expect(workloads.pairs.order(n)).to.deep.equal(workloads.order.order(n))
  })

  it('are all that can be asked for by name, with the trials', () => {
    expect(everyTrial).to.include.members([...names, 'overload', 'drain', 'history'])
  })
})
