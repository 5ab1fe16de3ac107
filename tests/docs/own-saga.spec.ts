import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { bareEnv } from '../cli/choreo.ts'
import { editsIn } from '../evolution/page-steps.ts'
import { copyOf, type Sources } from '../evolution/sources.ts'
import { blocksOf, read, root } from './page.ts'
import { shapeOf, shownShape } from './shape.ts'
import { openShell, pathWithChoreo, type Shell } from './shell.ts'

describe('the page about a saga of your own', function () {
  this.timeout(180_000)
  const blocks = blocksOf(read('docs/how-to/build-your-own-saga.md'))
  let sources: Sources
  let shell: Shell

  before(() => {
    sources = copyOf()
    const path = pathWithChoreo(sources.folder, join(sources.build, 'cli', 'main.js'))
    shell = openShell(sources.folder, bareEnv({ PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' }))
  })
  after(() => {
    shell?.close()
    sources?.remove()
  })

  for (const [i, block] of blocks.entries()) {
    if (block.language === 'diff')
      it(`changes what is there, in line ${block.line}: ${block.about}`, () => {
        sources.make(editsIn(block))
      })
    if (block.language === 'sh')
      it(`shows what comes of line ${block.line}: ${block.text.split('\n')[0]}`, async () => {
        const output = await shell.run(block.text)
        expect(shapeOf(output), output).to.deep.equal(shownShape(blocks[i + 1]?.text ?? '').lines)
      })
  }

  it('ends with services whose form the linter takes', async () => {
    for (const file of [
      'biome.json',
      ...['fetch', 'imports', 'ports', 'waits'].map(name => `lint-${name}.grit`),
    ])
      cpSync(join(root, file), join(sources.folder, file))
    const { ok, output } = await sources.run('npx', 'biome', 'check', '--vcs-enabled=false', 'examples/loan')
    expect(ok, output).to.equal(true)
  })
})
