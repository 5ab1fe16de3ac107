/** What stands where something is not shown. */
export const hidden = '***'

/** No shorter piece of a value gives it away, and shorter words are in every sentence. */
const shortestPiece = 4

/**
 * The text without any of these values, as they are, as JSON or a URL writes them, and without words that are
 * a piece of one: a parser cuts what it quotes. Of a shorter value only the whole word counts. Pure.
 */
export const masked = (text: string, values: Iterable<string>): string => {
  const secrets = [...new Set([...values].map(value => value.trim()))]
    .filter(secret => secret !== '')
    .sort((a, b) => b.length - a.length)
  if (secrets.length === 0) return text
  const whole = secrets.flatMap(formsOf).reduce(withoutOne, text)
  const lower = secrets.map(secret => secret.toLowerCase())
  const pieces = lower.flatMap(secret => secret.split(noWord)).filter(isLong)
  const tells = (word: string) =>
    lower.some(secret => secret.includes(word)) || pieces.some(piece => word.includes(piece))
  return once(whole.replace(longWord, word => (tells(word.toLowerCase()) ? hidden : word)))
}

const noWord = /[^\p{L}\p{N}]+/u
const longWord = /[\p{L}\p{N}_]{4,}/gu

const isLong = (word: string): boolean => word.length >= shortestPiece

const formsOf = (secret: string): string[] => [
  ...new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.replace(/\p{Cs}/gu, '')),
  ]),
]

const withoutOne = (text: string, secret: string): string => {
  const escaped = secret.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const edge = isLong(secret) ? ['', ''] : ['(?<![\\p{L}\\p{N}_])', '(?![\\p{L}\\p{N}_])']
  return text.replace(new RegExp(edge.join(escaped), 'giu'), hidden)
}

const once = (text: string): string => text.replace(/\*\*\*(?:[\s,;.-]*\*\*\*)+/g, hidden)

/**
 * The text with each URL cut down to its server: passwords and names of users stand in the rest. Pure.
 */
export const serversOnly = (text: string): string =>
  text.replace(/\b([a-z][a-z+.-]*):\/\/(?:[^\s/@]*@)?([\w.:[\]-]*)\S*/gi, '$1://$2')

/**
 * The text without what it quotes: documents in braces, texts in quotes, and of a URL all but its server. With
 * `names`, what could be a name in a program stays in its quotes. For the words of drivers and parsers, who
 * quote what they were given. Pure.
 */
export const withoutQuotes = (text: string, { names }: { readonly names: boolean }): string =>
  serversOnly(text.replace(/\{.*\}|\{[^}]*$/gs, `{${hidden}}`)).replace(
    quoted,
    (all, before: string, quote: string, inside: string) =>
      names && name.test(inside) && all.endsWith(quote) ? all : `${before}${quote}${hidden}${quote}`,
  )

// One that is not ended goes on to the end; an apostrophe inside a word begins none.
const quoted = /(^|[^\p{L}\p{N}])(["'`])((?:\\.|(?!\2).)*)(?:\2|$)/gsu
const name = /^[A-Za-z_$][\w$.-]{0,39}$/

/** Every text and number in a value, however deep. Pure. */
export const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
