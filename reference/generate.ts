import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../local/project.ts'
import { pages } from './pages.ts'
import { newestSchemas } from './schemas.ts'

// Writes everything that is made from the code; tests compare, so that no page can say what the code does not.
for (const { file, text } of pages) {
  const path = join(projectFolder, file)
  writeFileSync(path, text(existsSync(path) ? readFileSync(path, 'utf8') : ''))
}

// A published schema is never written again: the compatibility test says what to do instead.
for (const { file, json } of newestSchemas()) {
  const path = join(projectFolder, 'docs/reference/schemas', file)
  if (!existsSync(path)) writeFileSync(path, json)
}
