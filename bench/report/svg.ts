/** One bar: its name, its value, and parts of it from the left when it is stacked. */
export type Bar = {
  readonly name: string
  readonly parts: readonly { readonly of: string; readonly value: number }[]
  /** The least and the most of several runs. */
  readonly span?: readonly [least: number, most: number]
}

export type Chart = { readonly title: string; readonly unit: string; readonly bars: readonly Bar[] }

const [width, left, right, top, step, thick] = [760, 130, 90, 64, 30, 18]
const colours = [
  ...['#3366a8', '#d9822b', '#4f9d69', '#a33f62', '#7d6bb0', '#8a8a3a'],
  ...['#5aa5b5', '#b36b5a', '#666666', '#c4a43a', '#94b3d8', '#e0b890', '#2f6f6f', '#d07a9a'],
]

const escaped = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)

const number = (value: number) =>
  value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
const at = (value: number) => value.toFixed(1)

const total = ({ parts }: Bar) => parts.reduce((sum, { value }) => sum + value, 0)

const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${at(x)}" y="${at(y)}"${more}>${escaped(content)}</text>`

const rect = (x: number, y: number, wide: number, colour: string, title: string) =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(wide)}" height="${thick}" fill="${colour}"><title>${escaped(title)}</title></rect>`

const spanOf = ([least, most]: readonly [number, number], y: number, scale: number) => {
  const [from, to, middle] = [left + least * scale, left + most * scale, y + thick / 2]
  return `<path d="M${at(from)} ${at(middle)}H${at(to)}M${at(from)} ${at(middle - 4)}v8M${at(to)} ${at(middle - 4)}v8" stroke="#222" fill="none"/>`
}

const legendOf = (kinds: readonly string[]) =>
  kinds.length < 2
    ? []
    : kinds.flatMap((kind, i) => {
        const [x, y] = [left + (i % 5) * 122, 30 + Math.floor(i / 5) * 15]
        const colour = colours[i % colours.length]
        return [
          `<rect x="${x}" y="${y}" width="9" height="9" fill="${colour}"/>`,
          text(x + 13, y + 9, kind, ' font-size="11"'),
        ]
      })

const barOf = (bar: Bar, i: number, kinds: readonly string[], scale: number, begin: number): string[] => {
  const y = begin + i * step
  let x = left
  const boxes = bar.parts.map(({ of, value }) => {
    const box = rect(
      x,
      y,
      value * scale,
      colours[kinds.indexOf(of) % colours.length] ?? '',
      `${of}: ${number(value)}`,
    )
    x += value * scale
    return box
  })
  const end = left + Math.max(total(bar), bar.span?.[1] ?? 0) * scale
  return [
    text(left - 8, y + 13, bar.name, ' text-anchor="end"'),
    ...boxes,
    ...(bar.span ? [spanOf(bar.span, y, scale)] : []),
    text(end + 6, y + 13, number(total(bar))),
  ]
}

/** A chart of horizontal bars as SVG. The same chart always gives the same text. Pure. */
export const barChart = ({ title, unit, bars }: Chart): string => {
  const kinds = [...new Set(bars.flatMap(({ parts }) => parts.map(({ of }) => of)))]
  const legend = legendOf(kinds)
  const begin = top + Math.max(0, Math.ceil(legend.length / 10) - 1) * 15
  const most = Math.max(...bars.map(bar => Math.max(total(bar), bar.span?.[1] ?? 0)), Number.MIN_VALUE)
  const scale = (width - left - right) / most
  const height = begin + bars.length * step + 10
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(12, 20, `${title} (${unit})`, ' font-size="14" font-weight="bold"'),
    ...legend,
    ...bars.flatMap((bar, i) => barOf(bar, i, kinds, scale, begin)),
    '</svg>',
    '',
  ].join('\n')
}
