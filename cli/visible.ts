/**
 * What would move the cursor, start a colour, turn the direction of writing, or hide: control characters,
 * line and paragraph separators, marks of direction, invisible tags, and halves of characters.
 */
const unseen = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

const codeOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

/** A text on one line, in which what cannot be seen is named: `<U+202E>`. Pure. */
export const visibleText = (text: string): string =>
  text.replace(unseen, character => `<U+${codeOf(character)}>`)

/**
 * A value with each of its texts made visible, names of fields included: nobody who places an order writes on
 * an operator's screen. Pure.
 */
export const visible = <T>(value: T): T => deeply(value) as T

const deeply = (value: unknown): unknown => {
  if (typeof value === 'string') return visibleText(value)
  if (Array.isArray(value)) return value.map(deeply)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [visibleText(name), deeply(one)]))
}

/**
 * A value as JSON on one line: the same value to a program, and nothing in it that a terminal would obey.
 * Pure.
 */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(unseen, character =>
    [...Array(character.length).keys()].map(i => `\\u${hexOf(character.charCodeAt(i))}`).join(''),
  )

const hexOf = (unit: number): string => unit.toString(16).padStart(4, '0')
