import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findingKinds } from '../../shared/operations/explain/finding.ts'
import { projectFolder } from '../../system/project.ts'

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8')
const runbook = read('docs/operations.md')

describe('the runbook', () => {
  for (const kind of findingKinds)
    it(`says what to do when an order is ${kind}`, () => {
      expect(runbook).to.match(new RegExp(`^\\| \`${kind}\` \\| .{10,} \\| .{5,} \\|$`, 'm'))
    })

  it('names only commands that there are', () => {
    const commands = read('docs/reference/commands.md')
    const there = new Set([...commands.matchAll(/^## (.+)$/gm)].map(([, name]) => name ?? ''))
    const named = [...runbook.matchAll(/npx --no -- choreo ([a-z]+(?: [a-z]+)?)/g)].map(
      ([, name]) => name ?? '',
    )
    expect(named).to.have.length.above(5)
    expect(named.filter(name => !there.has(name) && !there.has(name.split(' ')[0] ?? ''))).to.deep.equal([])
  })

  it('leads from each symptom to what to do', () => {
    const anchors = [...runbook.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, anchor]) => anchor)
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    )
    expect(headings).to.include.members([...new Set(anchors)])
  })
})
