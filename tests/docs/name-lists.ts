/** The literal arrays and objects of a source, and its blocks, each without what is nested in it. */
const literalsOf = (source: string): string[] => {
  const open: string[] = []
  const closed: string[] = []
  for (const character of source)
    if ('[{('.includes(character)) open.push('')
    else if (']}'.includes(character)) closed.push(open.pop() ?? '')
    else if (character === ')') open.pop()
    else if (open.length > 0) open.push(`${open.pop()}${character}`)
  return closed
}

/** Whether a literal has the name as a text, as a key or as a shorthand. */
const has = (literal: string, name: string): boolean =>
  new RegExp(`'${name}'|(^|[,\\s])${name}\\s*(:|,|$)`, 'm').test(literal)

/** Whether one literal of a source has at least `most` of the names: then it is a list of them. */
export const listsNames = (source: string, names: readonly string[], most: number): boolean =>
  literalsOf(source.replace(/\/\/.*$/gm, '')).some(
    literal => names.filter(name => has(literal, name)).length >= most,
  )
