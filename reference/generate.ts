import { existsSync, writeFileSync } from 'node:fs'
import { pages } from './pages.ts'
import { newestSchemas } from './schemas.ts'

// Writes docs/reference from the code; a test compares, so that a page cannot say what the code does not.
const target = new URL('../../docs/reference/', import.meta.url) // from dist/reference, where this runs
for (const { file, text } of pages) writeFileSync(new URL(file, target), text())

// A published schema is never written again: the compatibility test says what to do instead.
for (const { file, json } of newestSchemas()) {
  const schema = new URL(`schemas/${file}`, target)
  if (!existsSync(schema)) writeFileSync(schema, json)
}
