import { writeFileSync } from 'node:fs'
import { pages } from './pages.ts'

// Writes docs/reference from the code; a test compares, so that a page cannot say what the code does not.
const target = new URL('../../docs/reference/', import.meta.url) // from dist/reference, where this runs
for (const { file, text } of pages) writeFileSync(new URL(file, target), text())
