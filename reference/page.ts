/** A file that is made from the code: its path in the project, and its whole text. */
export type Page = {
  readonly file: string
  /** `written` is what the file says now, empty when there is none: of some pages only a part is made. */
  text(written: string): string
}

const command = '`npm run generate`'

/** A Markdown table; what would break a cell is escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** A page with its title, what it is, and its sections. */
export const pageOf = (title: string, about: string, sections: readonly string[]): string =>
  [
    `# ${title}`,
    '',
    `${about} Generated from the code by ${command}; do not edit.`,
    '',
    sections.join('\n\n'),
    '',
  ].join('\n')

const begin = `<!-- From here on generated from the code by ${command}; do not edit. -->`
const end = '<!-- Up to here generated. -->'

/**
 * A page with a generated part: in the place of the one before, or at the end when there was none. What is
 * around it stays as it is.
 */
export const withPart = (written: string, part: string): string => {
  const [from, to] = [written.indexOf(begin), written.indexOf(end)]
  const [before, after] =
    from < 0 || to < from
      ? [`${written.trimEnd()}\n\n`, '\n']
      : [written.slice(0, from), written.slice(to + end.length)]
  return `${before}${begin}\n\n${part}\n\n${end}${after}`
}
