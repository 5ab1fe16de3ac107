import { blocksOf, read } from '../docs/page.ts'

/**
 * A piece of a file that the page says to replace: whole lines, before and after. `step` is what the page
 * calls it.
 */
export type Edit = {
  readonly step: string
  readonly file: string
  readonly before: string
  readonly after: string
}

/** What the page about a new version says to do, and what it says comes of leaving a step out. */
export type PageSteps = {
  readonly edits: readonly Edit[]
  /** npm scripts by name, in their order. */
  readonly scripts: readonly string[]
  /** By the step that is left out: texts that the checks then print. */
  readonly omissions: ReadonlyMap<string, readonly string[]>
}

/** Reads the page. */
export const pageSteps = (page = read('docs/how-to/change-an-event.md')): PageSteps => {
  const blocks = blocksOf(page)
  const shell = blocks.filter(({ language }) => language === 'sh')
  return {
    edits: blocks.filter(({ language }) => language === 'diff').flatMap(editsIn),
    scripts: shell.flatMap(({ text }) =>
      [...text.matchAll(/^npm run (\w+)$/gm)].map(([, name = '']) => name),
    ),
    omissions: omissionsIn(page),
  }
}

/** The edits that a diff block of a page asks for; it is about a file. */
export const editsIn = ({ about: file, text }: { about: string; text: string }): Edit[] =>
  [...text.matchAll(/^@@ (.+) @@\n((?:[ +-].*\n|\n)+)/gm)].map(([, step = '', hunk = '']) => {
    const lines = hunk.replace(/\n$/, '').split('\n')
    const having = (marks: string) =>
      lines.filter(line => line === '' || marks.includes(line.charAt(0))).map(line => line.slice(1))
    return { step, file, before: having(' -').join('\n'), after: having(' +').join('\n') }
  })

const omissionsIn = (page: string): PageSteps['omissions'] => {
  const [, table = ''] = /^\| left out \|.*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? []
  return new Map(
    [...table.matchAll(/^\| (.+?) \| (.+) \|$/gm)].map(([, step = '', says = '']) => [
      step,
      [...says.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
    ]),
  )
}

/** The text with the edit made. @throws RangeError when what it replaces is not there exactly once */
export const edited = (text: string, { step, file, before, after }: Edit): string => {
  const [lines, wanted] = [text.split('\n'), before.split('\n')]
  const places = lines.flatMap((_, at) => (wanted.every((line, i) => lines[at + i] === line) ? [at] : []))
  const [place = 0] = places
  if (places.length !== 1)
    throw new RangeError(`${step}: what the page replaces stands ${places.length} times in ${file}`)
  return lines.toSpliced(place, wanted.length, ...after.split('\n')).join('\n')
}
