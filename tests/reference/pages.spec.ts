import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { withPart } from '../../reference/page.ts'
import { pages } from '../../reference/pages.ts'
import { projectFolder } from '../../system/project.ts'

const read = (file: string) => readFileSync(join(projectFolder, file), 'utf8')

describe('what is made from the code', () => {
  for (const { file, text } of pages)
    it(`is what the code says: ${file}`, () => {
      const written = read(file)
      expect(written, `${file} is not what the code says: npm run generate writes it anew`).to.equal(
        text(written),
      )
    })

  it('is all that is in docs/reference, beside the published schemas and the glossary', () => {
    const there = readdirSync(join(projectFolder, 'docs/reference'), { withFileTypes: true })
    const files = there.filter(entry => entry.isFile()).map(({ name }) => `docs/reference/${name}`)
    const written = files.filter(file => file !== 'docs/reference/glossary.md')
    expect(pages.map(({ file }) => file)).to.include.members(written)
  })
})

describe('a page of which only a part is made', () => {
  it('has the part at its end when it had none, and then always in its place', () => {
    const first = withPart('# payment\n\nTakes money.\n', 'made')
    expect(first).to.match(
      /^# payment\n\nTakes money\.\n\n<!-- .*npm run generate.* -->\n\nmade\n\n<!-- .* -->\n$/,
    )
    const written = `${first}\n## Rooms\n`
    expect(withPart(written, 'made')).to.equal(written)
    expect(withPart(written, 'made anew')).to.equal(written.replace('made', 'made anew'))
  })
})
