import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InvariantId } from '../shared/saga/define/service-description.ts'
import { projectFolder } from '../system/project.ts'

/** Something that must hold: a line of docs/invariants.md, and the tests that name it. */
export type Invariant = {
  readonly id: InvariantId
  readonly holds: string
  /** Paths in the project, sorted. */
  readonly tests: readonly string[]
}

/** Every line of docs/invariants.md, with the tests that name it. */
export const invariants = (): readonly Invariant[] => {
  const tests = specs().map(file => ({ file, text: read(file) }))
  return [...read('docs/invariants.md').matchAll(/^\| (I\d+) \| (.+) \| [^|]+ \|$/gm)].map(
    ([, id = '', holds = '']) => ({
      ...{ id: id as InvariantId, holds },
      tests: tests.filter(({ text }) => text.includes(`[${id}]`)).map(({ file }) => file),
    }),
  )
}

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8')

const specs = (): string[] =>
  readdirSync(join(projectFolder, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.spec.ts'))
    .map(file => `tests/${file}`)
    .sort()
