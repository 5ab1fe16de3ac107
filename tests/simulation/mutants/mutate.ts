import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'

const compiled = fileURLToPath(new URL('../../../', import.meta.url))
const project = fileURLToPath(new URL('../../../../', import.meta.url))
const parts = ['services', 'shared', 'rabbitmq', 'local/providers', 'tests/support', 'tests/simulation']

/** The compiled text that the rule is taken out of. @throws RangeError when it is not there exactly once. */
export const textOf = ({ name, file, find }: Mutant): string => {
  const text = readFileSync(join(compiled, file), 'utf8')
  const count = text.split(find).length - 1
  if (count !== 1) throw new RangeError(`mutant ${name}: its text occurs ${count} times in ${file}`)
  return text
}

/**
 * A copy of the compiled code with this rule taken out. @throws RangeError when its text is not there exactly
 * once.
 */
export const mutated = (mutant: Mutant): { folder: string; remove(): void } => {
  const { name, file, find, replace } = mutant
  const text = textOf(mutant)
  const folder = mkdtempSync(join(tmpdir(), `choreo-mutant-${name}-`))
  const wanted = (source: string) => !source.endsWith('.map') && !source.endsWith('.spec.js')
  for (const part of parts)
    cpSync(join(compiled, part), join(folder, part), { recursive: true, filter: wanted })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, file),
    text.replace(find, () => replace),
  )
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
