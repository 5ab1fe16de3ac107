import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { pages } from '../../reference/pages.ts'

const folder = new URL('../../../docs/reference/', import.meta.url)

describe('the reference', () => {
  for (const { file, text } of pages)
    it(`is what the code says: docs/reference/${file} (npm run reference writes it anew)`, () => {
      expect(readFileSync(new URL(file, folder), 'utf8')).to.equal(text())
    })
})
