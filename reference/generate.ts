import { writeFileSync } from 'node:fs'
import { pages } from './pages.ts'
import { newestSchemas } from './schemas.ts'
import { writeSealed } from './seals.ts'

// Writes docs/reference from the code; a test compares, so that a page cannot say what the code does not.
const target = new URL('../../docs/reference/', import.meta.url) // from dist/reference, where this runs
for (const { file, text } of pages) writeFileSync(new URL(file, target), text())

// A published schema is never written again: the compatibility test says what to do instead.
writeSealed(new URL('schemas/', target), new Map(newestSchemas().map(({ file, json }) => [file, json])))
