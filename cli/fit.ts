/** What is in a column: the whole of it, and what stands for it where there is no room. */
export type Cell = string | { readonly whole: string; readonly brief: string }

/** What rows are made to fit into: so many columns of a terminal, and which cells are left out first. */
export type Fit = {
  readonly columns: number
  /** Indexes of cells, that of the one that matters least first. */
  readonly drop?: readonly number[]
}

/**
 * Rows in aligned columns, each on one line of at most `columns`: as they are if they fit, else brief from
 * the last column on, without empty columns and without more and more of what matters least; what is still
 * too long ends with `…`. The last column is not padded. Pure.
 */
export const fitted = (rows: readonly (readonly Cell[])[], fit: Fit, heads?: readonly string[]): string[] => {
  const { columns, drop = [] } = fit
  const all = [...(rows[0] ?? heads ?? []).keys()]
  const filled = all.filter(i => rows.some(row => briefOf(row[i] ?? '') !== ''))
  const choices = [
    ...[...all.keys()].reverse().map(whole => ({ kept: all, whole: whole + 1 })),
    ...[...drop.keys(), drop.length].map(count => ({
      kept: filled.filter(i => !drop.slice(0, count).includes(i)),
      whole: 0,
    })),
  ]
  const drawn = choices.map(({ kept, whole }) =>
    aligned(
      [...(heads ? [heads] : []), ...rows].map(row =>
        kept.map(i => (i < whole ? wholeOf(row[i] ?? '') : briefOf(row[i] ?? ''))),
      ),
    ),
  )
  const [last = []] = drawn.slice(-1)
  const fits = drawn.find(lines => lines.every(line => widthOf(line) <= columns))
  return fits ?? last.map(line => cut(line, columns))
}

const wholeOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.whole)
const briefOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.brief)

const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => widthOf(row[i] ?? ''))))
  const padded = (cell: string, i: number) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell))
  return rows.map(row =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padded(cell, i)))
      .join('  ')
      .trimEnd(),
  )
}

/**
 * A text as lines of at most `columns`, broken between words; all but the first begin with `indent` blanks.
 * Pure.
 */
export const wrapped = (text: string, columns: number, indent = 0): string => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = ' '.repeat(indent) + word
    } else line = longer
  }
  return [...lines, line].join('\n')
}

const colour = String.raw`\u001b\[\d+m`
const colours = new RegExp(colour, 'g')
const pieces = new RegExp(`${colour}|.`, 'gsu')
// What takes two columns: the scripts of East Asia, and pictures.
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** How many columns of a terminal a text takes. Pure. */
export const widthOf = (text: string): number => {
  const bare = text.replace(colours, '')
  // Most texts are plain ones, whose length says it.
  if (/^[ -~]*$/.test(bare)) return bare.length
  return [...bare].reduce((sum, one) => sum + (wide.test(one) ? 2 : /\p{M}|\u200d/u.test(one) ? 0 : 1), 0)
}

/** The beginning of a line, ended with `…` where there was more; its colours end with it. */
export const cut = (line: string, columns: number): string => {
  if (widthOf(line) <= columns) return line
  let kept = ''
  let left = columns - 1
  for (const [piece] of line.matchAll(pieces)) {
    left -= widthOf(piece)
    if (left < 0) break
    kept += piece
  }
  return `${kept}…${kept.includes('\u001b') ? '\u001b[0m' : ''}`
}
