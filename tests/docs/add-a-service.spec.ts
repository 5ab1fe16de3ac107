import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { bareEnv } from '../cli/choreo.ts'
import { editsIn } from '../evolution/page-steps.ts'
import { copyOf, type Sources } from '../evolution/sources.ts'
import { type Block, blocksOf, read, root } from './page.ts'
import { shapeOf, shownShape } from './shape.ts'
import { openShell, pathWithChoreo, type Shell } from './shell.ts'

/** What the page changes beside sources and documents, and what its tests read. */
const further = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'deploy', 'monitoring'],
  ...['Dockerfile', '.dockerignore', '.gitignore', '.npmrc', 'docker-compose.yml', 'docker-compose.dev.yml'],
]
const form = ['biome.json', ...readdirSync(root).filter(file => file.endsWith('.grit'))]
/** The tests that know of every service and need no server. */
const asked = [
  'choreography/*',
  'contract/**/*',
  ...['glossary', 'kernel', 'layers', 'readme', 'registry'].map(name => `docs/${name}`),
  ...['monitoring', 'traces'].map(name => `observability/${name}`),
  ...['compose', 'dockerfile', 'kubernetes'].map(name => `packaging/${name}`),
  ...['pages', 'schemas', 'seals', 'service-description'].map(name => `reference/${name}`),
  'services/*',
]

describe('the page about a new service', function () {
  this.timeout(180_000)
  const blocks = blocksOf(read('docs/how-to/add-a-service.md'))
  let sources: Sources
  let shell: Shell

  before(() => {
    sources = copyOf()
    for (const path of [...further, ...form, 'package-lock.json', '.mocharc.json'])
      cpSync(join(root, path), join(sources.folder, path), { recursive: true })
    const path = pathWithChoreo(sources.folder, join(sources.build, 'cli', 'main.js'))
    shell = openShell(sources.folder, bareEnv({ PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' }))
  })
  after(() => {
    shell?.close()
    sources?.remove()
  })

  const write = ({ about, text }: Block) => {
    const file = join(sources.folder, about)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const shows = async (block: Block, next: Block | undefined) => {
    const output = await shell.run(block.text)
    if (next?.language === '') expect(shapeOf(output), output).to.deep.equal(shownShape(next.text).lines)
  }

  for (const [i, block] of blocks.entries()) {
    if (block.language === 'diff')
      it(`changes what is there, in line ${block.line}: ${block.about}`, () => sources.make(editsIn(block)))
    else if (block.about) it(`writes what line ${block.line} has: ${block.about}`, () => write(block))
    if (block.language === 'sh')
      it(`shows what comes of line ${block.line}: ${block.text.split('\n')[0]}`, () =>
        shows(block, blocks[i + 1]))
  }

  it('ends with a service whose form the linter takes', async () => {
    const changed = ['services', 'tests/services', 'tests/support']
    const { ok, output } = await sources.run('npx', 'biome', 'check', '--vcs-enabled=false', ...changed)
    expect(ok, output).to.equal(true)
  })

  it('ends with a service that the tests which know of every service find complete', async () => {
    const files = asked.map(spec => `dist/tests/${spec}.spec.js`)
    const { ok, output } = await sources.run('npx', 'mocha', '--config', '.mocharc.json', ...files)
    expect(ok, output).to.equal(true)
    expect(output)
      .to.match(/loyalty/)
      .and.not.match(/Cannot find any files/)
  })
})
