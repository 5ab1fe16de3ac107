import { dirname } from 'node:path'
import { expect } from 'chai'
import { filesBelow, read } from './page.ts'

/** Every folder below that has code of its own. */
const foldersBelow = (top: string): string[] => [...new Set(filesBelow(top, '.ts').map(dirname))].sort()

/** The folders that a table names in its first column. */
const namedIn = (page: string): string[] =>
  [...read(page).matchAll(/^\| ((?:`[\w/-]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w/-]+?)\/?`/g)].map(([, folder = '']) => folder),
  )

describe('the reason of every folder', () => {
  for (const [top, page] of [
    ['shared', 'README.md'],
    ['tests', 'CONTRIBUTING.md'],
  ] as const)
    it(`below ${top} is said in a line of ${page}`, () => {
      const named = namedIn(page).filter(folder => folder.startsWith(`${top}/`))
      const there = foldersBelow(top).filter(folder => folder !== top)
      expect(named.sort()).to.deep.equal(there)
    })
})
