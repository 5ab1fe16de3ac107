import { expect } from 'chai'
import { hearing, saying } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { namedEndpoints } from '../../services/order/api/openapi/endpoints.ts'
import { read } from './page.ts'

type Arrow = { readonly from: string; readonly type: string; readonly to: string; readonly solid: boolean }

/**
 * The arrows of the chart between services: `a -- event --> b & c`; `payment.refunded / voided` stands for
 * two.
 */
const arrowsOf = (page: string): Arrow[] =>
  [...page.matchAll(/^ {2}(\w+) (--|-\.) ([\w./ -]+?) (?:-->|\.->) ([\w& ]+)$/gm)].flatMap(
    ([, from = '', line, said = '', hearers = '']) => {
      const [first = '', ...more] = said.split(' / ')
      const types = [first, ...more.map(name => `${first.split('.')[0]}.${name}`)]
      return types.flatMap(type => hearers.split(' & ').map(to => ({ from, type, to, solid: line === '--' })))
    },
  )

const keyOf = ({ from, type, to, solid }: Arrow) => `${from} ${solid ? '--' : '-.'} ${type} ${to}`

/** What the tables would draw: each event that somebody answers. */
const declared = shopFlow.events.flatMap(({ type, owner }) =>
  hearing(shopFlow, type)
    .filter(({ says }) => Object.keys(says).length > 0)
    .map(({ service }) => ({
      ...{ from: owner, type, to: service },
      solid: saying(shopFlow, type).some(({ says }) => says[type] === 'forward'),
    })),
)

const callsOf = (page: string): string[] =>
  [...page.matchAll(/`(GET|POST) (\/[^`?]*)[^`]*`/g)].map(([, method, path]) => `${method} ${path}`)

describe('the front page', () => {
  const page = read('README.md')

  it('draws the flow as the tables have it: every event that somebody answers', () => {
    expect(arrowsOf(page).map(keyOf).sort()).to.deep.equal(declared.map(keyOf).sort())
  })

  it('names every operation of the public API', () => {
    const operations = namedEndpoints.map(
      ([, { method, path }]) => `${method} ${path.replaceAll(/:(\w+)/g, '<$1>')}`,
    )
    expect(callsOf(page)).to.include.members(operations)
  })

  it('begins with the table of payment, as it stands in the source', () => {
    const [, code = 'no code'] = /```ts\n([\s\S]*?)```/.exec(page) ?? []
    expect(read('services/payment/reactions.ts')).to.include(code)
  })

  it('would be found wrong without one of its arrows, or one of its calls', () => {
    const cut = page.replace('inventory -. inventory.released .-> order', '')
    expect(arrowsOf(cut)).to.have.length(arrowsOf(page).length - 1)
    expect(callsOf(page.replace('`POST /orders/<id>/cancel`', ''))).to.not.include('POST /orders/<id>/cancel')
  })
})
