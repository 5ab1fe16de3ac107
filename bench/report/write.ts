import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { projectFolder } from '../../system/project.ts'
import { pageOf } from './page.ts'
import type { Results } from './results.ts'

const docs = join(projectFolder, 'docs')

/** Writes docs/performance.md and its plots anew. */
export const writePage = (results: Results): void => {
  rmSync(join(docs, 'performance'), { recursive: true, force: true })
  for (const [file, content] of Object.entries(pageOf(results))) {
    mkdirSync(dirname(join(docs, file)), { recursive: true })
    writeFileSync(join(docs, file), content)
  }
}
