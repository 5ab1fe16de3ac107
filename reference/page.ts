/** A page of docs/reference: its file name, and its whole text, made from the code. */
export type Page = { readonly file: string; text(): string }

/** A Markdown table; what would break a cell is escaped. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** A page with its title, what it is, and its sections. */
export const pageOf = (title: string, about: string, sections: readonly string[]): string =>
  [
    `# ${title}`,
    '',
    `${about} Generated from the code by \`npm run reference\`; do not edit.`,
    '',
    sections.join('\n\n'),
    '',
  ].join('\n')
