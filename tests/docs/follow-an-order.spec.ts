import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { read } from './page.ts'

type Step = { readonly file: string; readonly way: string }

/** The rows of the page: each file on the way of an order, and how one gets there. */
const stepsIn = (page: string): Step[] =>
  [...page.matchAll(/^\| \[[^\]]+\]\(\.\.\/([^)]+)\) \| [^|]+ \| ([^|]+) \|$/gm)].map(
    ([, file = '', way = '']) => ({
      file,
      way,
    }),
  )

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => normalize(join(dirname(file), path)))

/** The steps said to be calls whose file no earlier file imports. */
const unreached = (steps: readonly Step[]): string[] =>
  steps
    .filter(
      ({ file, way }, i) =>
        way === 'call' && !steps.slice(0, i).some(before => importsOf(before.file).includes(file)),
    )
    .map(({ file }) => file)

describe('the page that follows an order', () => {
  const page = read('docs/follow-an-order.md')
  const steps = stepsIn(page)

  it('leads through at most 25 files, and links to no other source', () => {
    const linked = new Set([...page.matchAll(/\]\(\.\.\/([^)#]+\.ts)/g)].map(([, file = '']) => file))
    expect(steps.length).to.be.within(20, 25)
    expect([...linked].sort()).to.deep.equal(steps.map(({ file }) => file).sort())
  })

  it('names every jump: whatever is said to be a call is imported by a file above it', () => {
    expect(unreached(steps)).to.deep.equal([])
  })

  it('names what leads to each file that no call leads to', () => {
    const jumps = steps.filter(({ way }) => way !== 'call').map(({ way }) => way.split(' ')[0])
    expect(jumps.filter(way => !['HTTP', 'port', 'table', 'message'].includes(way ?? ''))).to.deep.equal([])
  })

  it('would be found wrong with a file that nothing leads to', () => {
    expect(unreached([...steps, { file: 'local/start.ts', way: 'call' }])).to.deep.equal(['local/start.ts'])
  })
})
