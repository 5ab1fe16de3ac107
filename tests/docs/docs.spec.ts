import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { shownSkus } from '../../services/catalogue.ts'
import { helpByCode } from '../../shared/runtime/errors.ts'
import { documents, filesBelow, read, root } from './page.ts'

describe('the documents', () => {
  it('name for every invariant a test, and no test names another', () => {
    const stated = [...read('docs/invariants.md').matchAll(/^\| (I\d+) \|/gm)].map(([, id]) => id)
    const tested = filesBelow('tests', '.ts').flatMap(file =>
      [...read(file).matchAll(/\[(I\d+)\]/g)].map(([, id]) => id),
    )
    expect([...new Set(tested)].sort()).to.deep.equal([...new Set(stated)].sort())
  })

  for (const document of documents)
    it(`link only to what is there: ${document}`, () => {
      const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
      for (const link of links) expect(existsSync(join(root, dirname(document), link)), link).to.equal(true)
    })

  it('explain no error that nothing raises', () => {
    const raised = ['shared', 'services', 'local', 'cli', 'rabbitmq']
      .flatMap(folder => filesBelow(folder, '.ts'))
      .filter(file => file !== 'shared/runtime/errors.ts')
      .map(read)
      .join('\n')
    const idle = Object.keys(helpByCode).filter(code => !new RegExp(`'${code}'`).test(raised))
    expect(idle).to.deep.equal([])
  })

  it('buy, and show the stock totals of, only what the demo leaves alone', () => {
    const named = documents.flatMap(document => read(document).match(/\bSKU-\d+\b/g) ?? [])
    expect(named).to.include('SKU-7')
    expect(shownSkus).to.include.members([...new Set(named)])
  })

  it('use only npm commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = documents.flatMap(document =>
      [...read(document).matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+)/g)].map(
        ([, script]) => script ?? '',
      ),
    )
    expect(Object.keys(scripts)).to.include.members([...new Set(named)])
  })
})
