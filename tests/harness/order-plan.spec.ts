import { expect } from 'chai'
import * as fc from 'fast-check'
import { type Kind, kinds } from '../../harness/order-kinds.ts'
import { fewestOrders, planOrders } from '../../harness/order-plan.ts'
import type { StockTotals } from '../../services/private-calls/stock.ts'
import { seededRandom } from '../support/seeded-random.ts'

const shelf = (...onHand: number[]): StockTotals[] =>
  onHand.map((units, n) => ({
    ...{ sku: `SKU-${n}`, initial: units, restocked: 0, onHand: units, held: 0, shipped: 0 },
  }))
const full = shelf(...Array.from({ length: 100 }, () => 1_000))

const plan = (count: number, stock: readonly StockTotals[], seed = 1) =>
  planOrders({ count, run: 'run', stock, random: seededRandom(seed) })

describe('the plan of a run', () => {
  it('has orders of every kind, about as many of each as its share says', () => {
    const orders = plan(300, full)
    expect(orders).to.have.lengthOf(300)
    for (const [name, { share }] of Object.entries(kinds)) {
      const those = orders.filter(({ kind }) => kind === name)
      expect(those.length, name).to.be.within(share * 3, share * 3 + 9)
    }
  })

  it('has every kind at least once with the fewest orders, and refuses fewer', () => {
    expect(new Set(plan(fewestOrders, full).map(({ kind }) => kind)).size).to.equal(Object.keys(kinds).length)
    expect(() => plan(fewestOrders - 1, full)).to.throw(`--orders must be ${fewestOrders} or more`)
  })

  it('gives each order a key of its own', () => {
    expect(new Set(plan(300, full).map(({ key }) => key)).size).to.equal(300)
  })

  it('asks for more than there is only where too little is to be found, and there always', () => {
    const level = fc.integer({ min: 0, max: 1_000 })
    const stocks = fc.array(level, { minLength: 20, maxLength: 40 })
    fc.assert(
      fc.property(stocks, fc.integer(), (levels, seed) => {
        fc.pre(levels.filter(units => units >= 100).length > 10)
        const orders = plan(120, shelf(...levels), seed)
        const rush = orders.filter(({ kind }) => isScarce(kind))
        const [sku = ''] = rush.map(({ body }) => body.lines[0]?.sku ?? '')
        levels.forEach((units, n) => {
          const wanted = unitsOf(orders, `SKU-${n}`)
          if (`SKU-${n}` === sku) expect(wanted).to.be.above(units)
          else expect(wanted).to.be.at.most(units)
        })
      }),
    )
  })

  it('lets some of those who want too much have it', () => {
    const rush = plan(120, full).filter(({ kind }) => isScarce(kind))
    const [{ quantity = 0 } = {}] = rush.flatMap(({ body }) => body.lines)
    expect(2 * quantity).to.be.at.most(1_000)
    expect(3 * quantity).to.be.above(1_000)
  })

  it('says when there is nothing left to sell', () => {
    expect(() => plan(100, shelf(0, 0, 0))).to.throw('the stock is used up')
    expect(() => plan(100, shelf(5, 5, 5))).to.throw('the stock is used up')
  })
})

const isScarce = (kind: keyof typeof kinds): boolean => (kinds[kind] as Kind).scarce === true

const unitsOf = (orders: ReturnType<typeof plan>, sku: string): number =>
  orders
    .flatMap(({ body }) => body.lines)
    .reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0)
