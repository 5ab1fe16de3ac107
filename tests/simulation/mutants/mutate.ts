import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'

const compiled = fileURLToPath(new URL('../../../', import.meta.url))
const project = fileURLToPath(new URL('../../../../', import.meta.url))

/** The compiled text that the rule is taken out of. @throws RangeError when it is not there exactly once. */
export const textOf = ({ name, file, find }: Mutant): string => {
  const text = readFileSync(join(compiled, file), 'utf8')
  const count = text.split(find).length - 1
  if (count !== 1) throw new RangeError(`mutant ${name}: its text occurs ${count} times in ${file}`)
  return text
}

/**
 * The compiled code with this rule taken out: one file is changed, and all others are reached by links, which
 * Node must keep (`--preserve-symlinks`). @throws RangeError when its text is not there exactly once.
 */
export const mutated = (mutant: Mutant): { folder: string; remove(): void } => {
  const { name, file, find, replace } = mutant
  const text = textOf(mutant).replace(find, () => replace)
  const folder = mkdtempSync(join(tmpdir(), `choreo-mutant-${name}-`))
  fillWith({ from: compiled, to: folder, path: file.split('/'), text })
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

type Filling = { from: string; to: string; path: readonly string[]; text: string }

/** Makes folders of their own on the way to the file that is changed, and links to what lies beside it. */
const fillWith = ({ from, to, path: [name = '', ...below], text }: Filling): void => {
  const beside = readdirSync(from).filter(entry => entry !== name && !entry.endsWith('.map'))
  for (const entry of beside) symlinkSync(join(from, entry), join(to, entry))
  const place = join(to, name)
  if (below.length === 0) {
    writeFileSync(place, text)
    return
  }
  mkdirSync(place)
  fillWith({ from: join(from, name), to: place, path: below, text })
}
