import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { documents, read } from './page.ts'

type Anchor = { readonly file: string; readonly anchor: string }

/** Every link of a page into a file, with the name after its `#`. */
const anchorsOf = (page: string): Anchor[] =>
  [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].map(([, path = '', anchor = '']) => ({
    file: path === '' ? page : normalize(join(dirname(page), path)),
    anchor,
  }))

/** Whether a TypeScript file declares the name at its top level, exported or not. */
const declares = (source: string, name: string): boolean =>
  new RegExp(`^(export )?(const|function|class|type|interface) ${name}\\b`, 'm').test(source)

/** The anchors that GitHub gives to the headings of a page. */
const headingsOf = (source: string): string[] =>
  [...source.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const isThere = ({ file, anchor }: Anchor): boolean => {
  const source = read(file)
  return file.endsWith('.md') ? headingsOf(source).includes(anchor) : declares(source, anchor)
}

describe('the anchors of the documents', () => {
  for (const page of documents)
    it(`name what is declared or headed so: ${page}`, () => {
      const lost = anchorsOf(page).filter(anchor => !isThere(anchor))
      expect(lost.map(({ file, anchor }) => `${file}#${anchor}`)).to.deep.equal([])
    })

  it('lead from the page that follows an order to at least thirty places', () => {
    const places = anchorsOf('docs/follow-an-order.md').map(({ file, anchor }) => `${file}#${anchor}`)
    expect(new Set(places).size).to.be.at.least(30)
  })

  it('are not found where nothing of the name is declared', () => {
    expect(isThere({ file: 'services/order/domain.ts', anchor: 'cancelOrder' })).to.equal(false)
    expect(isThere({ file: 'docs/operations.md', anchor: 'no-such-heading' })).to.equal(false)
  })
})
