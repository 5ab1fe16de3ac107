import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { projectFolder } from '../system/project.ts'
import { pages } from './pages.ts'
import { newestSchemas } from './schemas.ts'
import { writeSealed } from './seals.ts'

const write = (path: string, text: string): void => {
  writeFileSync(path, text)
  process.stdout.write(`${relative(projectFolder, path)} is written anew\n`)
}

// Writes everything that is made from the code; tests compare, so that no page can say what the code does
// not.
for (const { file, text } of pages) {
  const path = join(projectFolder, file)
  const written = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (text(written) !== written) write(path, text(written))
}

// A published schema is never written again: the compatibility test says what to do instead.
const schemas = new URL('../../docs/reference/schemas/', import.meta.url) // from dist/reference, where this runs
const wanted = new Map(newestSchemas().map(({ file, json }) => [file, json]))
for (const file of writeSealed(schemas, wanted))
  process.stdout.write(`docs/reference/schemas/${file} is published\n`)
