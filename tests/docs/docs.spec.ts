import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { reactions as inventory } from '../../services/inventory/reactions.ts'
import { reactions as order, says } from '../../services/order/reactions.ts'
import { reactions as payment } from '../../services/payment/reactions.ts'
import { reactions as shipping } from '../../services/shipping/reactions.ts'
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

  it('use only npm commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = documents.flatMap(document =>
      [...read(document).matchAll(/npm (?:run )?(start|test|(?<=run )[a-z:]+)/g)].map(
        ([, script]) => script ?? '',
      ),
    )
    expect(Object.keys(scripts)).to.include.members([...new Set(named)])
  })

  for (const [service, reactions] of Object.entries({ order, inventory, payment, shipping }))
    it(`say of ${service} just what its table says`, () => {
      const rows = reactions.map(({ on, emits, within }) => {
        const said = Object.entries(emits).map(([type, role]) => `\`${type}\` (${role})`)
        return `| \`${on.type}\` | ${said.join(', ') || '-'} | ${within} |`
      })
      const own = service === 'order' ? Object.entries(says) : []
      const unasked = own.map(([type, role]) => `| (HTTP, time) | \`${type}\` (${role}) | - |`)
      const table = read(`services/${service}/README.md`)
        .split('\n')
        .filter(line => /^\| [`(]/.test(line))
        .map(line => line.replace(/ +/g, ' '))
      expect(table).to.deep.equal([...rows, ...unasked])
    })
})
