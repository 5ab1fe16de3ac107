import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** The file of a folder that has the digests of the others, as `sha256sum` writes and checks them. */
export const sealFile = 'SHA256SUMS'

/** The JSON files of a folder by name, and their digests as they were when they were written. */
export type SealedFolder = { readonly files: ReadonlyMap<string, string>; readonly seals: string }

/** Reads a folder of files that are written once. `folder` ends with a slash. */
export const readSealed = (folder: URL): SealedFolder => {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  const seals = new URL(sealFile, folder)
  return {
    files: new Map(names.sort().map(name => [name, readFileSync(new URL(name, folder), 'utf8')])),
    seals: existsSync(seals) ? readFileSync(seals, 'utf8') : '',
  }
}

/**
 * Writes those of the files that are not there yet, and their digests; what is there is never written again.
 * Answers what it wrote.
 */
export const writeSealed = (folder: URL, wanted: ReadonlyMap<string, string>): string[] => {
  const { files, seals } = readSealed(folder)
  const added = [...wanted].filter(([name]) => !files.has(name))
  for (const [name, text] of added) writeFileSync(new URL(name, folder), text)
  const lines = [...seals.split('\n').filter(Boolean), ...added.map(([name, text]) => sealOf(name, text))]
  if (added.length > 0) writeFileSync(new URL(sealFile, folder), `${lines.sort(byName).join('\n')}\n`)
  return added.map(([name]) => name)
}

/**
 * What happened to files that never change: edited, removed, or added without a digest; empty when nothing
 * did. Pure.
 */
export const brokenSeals = ({ files, seals }: SealedFolder): string[] => {
  const lines = new Set(seals.split('\n').filter(Boolean))
  const sealed = [...lines].map(nameIn)
  const isTrue = ([name, text]: [string, string]) => lines.has(sealOf(name, text))
  return [
    ...[...files].filter(one => !isTrue(one)).map(([name]) => fateOf(name, sealed.includes(name))),
    ...sealed.filter(name => !files.has(name)).map(name => `${name} was removed after it was released`),
  ]
}

const fateOf = (name: string, isSealed: boolean): string =>
  isSealed ? `${name} was edited after it was released: restore it` : `${name} was added by hand`

const sealOf = (name: string, text: string) => `${createHash('sha256').update(text).digest('hex')}  ${name}`
const nameIn = (line: string) => line.slice(line.indexOf('  ') + 2)
const byName = (a: string, b: string) => (nameIn(a) < nameIn(b) ? -1 : 1)
