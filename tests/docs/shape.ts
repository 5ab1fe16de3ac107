const masks: readonly (readonly [RegExp, string])[] = [
  [/\r/g, '\n'],
  [/ord_[0-9a-v]{26}/g, '<order>'],
  [/\bCH[0-9A-Z]{13}\b/g, '<parcel>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/"at":\d{13}/g, '"at":<time>'],
  [/\b\d+(\.\d+)? ?(ms|s|min)\b/g, '<duration>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/password \S+/g, '<password>'],
  // Of two that are awaited, either may be the last.
  [/(order\.cancelled .*) after \S+/gm, '$1 after <last>'],
]

/** Whether a call of a provider took longer than a moment is no matter of the page. */
const passing = /payment\.attempt-failed|\.repaired +what call-resumed|^reading the dead letters/

const linesOf = (text: string): string[] =>
  masks
    .reduce((masked, [pattern, instead]) => masked.replace(pattern, instead), text)
    .split('\n')
    .map(line => line.trim().replace(/\s+/g, ' '))
    .filter(line => line !== '' && !passing.test(line))
    .sort()

/**
 * The lines of an output without what differs from run to run, sorted, for services do not wait for each
 * other.
 */
export const shapeOf = (output: string): readonly string[] => linesOf(output)

/**
 * What a page shows, as `shapeOf` would give it; `only` says that the output may have more lines, for the
 * page leaves some out.
 */
export const shownShape = (shows: string): { readonly lines: readonly string[]; readonly only: boolean } => {
  const lines = linesOf(shows)
  return { lines: lines.filter(line => line !== '…'), only: lines.includes('…') }
}
