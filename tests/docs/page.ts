import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The text of a page, by its path in the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The files below a folder of the project whose names end so. */
export const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(folder, file))

/** Every page that somebody may read. */
export const documents: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...['docs', 'services', 'examples', 'local', 'shared', 'tests', 'rabbitmq'].flatMap(folder =>
    filesBelow(folder, '.md'),
  ),
]

/**
 * A fenced block: its language and what it is about, empty when they are not said, its text, and the line on
 * which it begins.
 */
export type Block = {
  readonly language: string
  readonly about: string
  readonly text: string
  readonly line: number
}

/** The fenced blocks of a page, in their order. */
export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\w*)(?: (.+))?\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: about = '', 3: text = '', index }) => ({
      ...{ language, about, text },
      line: page.slice(0, index).split('\n').length,
    }),
  )

/** Shell commands, and what the page says that they print: the block without a language that follows. */
export type Step = { readonly shell: string; readonly shows: string; readonly line: number }

/** Each shell block of a page with what it shows. */
export const stepsOf = (page: string): Step[] => {
  const blocks = blocksOf(page)
  return blocks.flatMap(({ language, text, line }, i) => {
    const next = blocks[i + 1]
    return language === 'sh' ? [{ shell: text, line, shows: next?.language === '' ? next.text : '' }] : []
  })
}
