import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { indexOptions } from '../../../local/mongodb/commands/catalogue.ts'
import { commands } from '../../../local/mongodb/protocol/commands.ts'
import { filterOperators } from '../../../local/mongodb/query/filter.ts'
import { updateOperators } from '../../../local/mongodb/update/update.ts'

describe('the README of the embedded MongoDB server', () => {
  const readme = readFileSync('local/mongodb/README.md', 'utf8')
  const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '')
  const listed = (title: string): string[] => {
    const line = readme.split('\n').find(text => text.startsWith(`- ${title}: `))
    return quoted(line?.slice(title.length + 4) ?? '')
  }
  const rows = readme
    .split('\n')
    .filter(line => line.startsWith('| `'))
    .map(line => line.split('|').slice(1, 3).map(quoted))

  it('lists exactly the commands that the server knows, with their fields', () => {
    const told = rows.flatMap(([names = [], fields = []]) => names.map(name => [name, fields] as const))
    expect(Object.fromEntries(told)).to.deep.equal(
      Object.fromEntries([...commands].map(([name, { fields }]) => [name, [...fields]])),
    )
  })

  const lists: [string, readonly string[]][] = [
    ['Query operators', filterOperators],
    ['Update operators', [...updateOperators.keys()]],
    ['Index options', indexOptions],
  ]
  for (const [title, known] of lists)
    it(`lists exactly the ${title.toLowerCase()} that the server knows`, () => {
      expect(listed(title).sort()).to.deep.equal([...known].sort())
    })
})
