import type { Spread } from '../quantiles.ts'

/** A number with as many digits as it is worth. */
export const figure = (value: number): string => {
  if (value >= 1_000) return Math.round(value).toLocaleString('en')
  if (value >= 100) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** The median, and in brackets the least and the most when they differ; `-` when it was not measured. */
export const spread = (of: Spread | undefined, scale = 1): string => {
  if (!of) return '-'
  const [min, median, max] = [of.min, of.median, of.max].map(value => figure(value * scale))
  return min === max ? `${median}` : `${median} (${min} to ${max})`
}

/** A table in Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
