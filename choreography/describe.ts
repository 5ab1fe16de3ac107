import { type Flow, hearing, type Row, saidAs, saying, unasked } from './flow.ts'
import type { Undone, WayBack } from './way-back.ts'

/** A heading, and what stands under it. */
export type Description = { readonly title: string; readonly lines: readonly string[] }

/**
 * How an order goes when nothing fails: a tree of events, each with who says it and what may be said instead.
 */
export const describeForward = (flow: Flow): Description => {
  const starts = unasked(flow).filter(type => saidAs(flow, 'forward').includes(type))
  const steps = starts.flatMap(type => stepsFrom(flow, { path: [type], branch: '', below: '' }))
  const width = (column: (step: Step) => string) => Math.max(0, ...steps.map(step => column(step).length))
  const [drawnWidth, byWidth] = [width(({ drawn }) => drawn), width(({ by }) => by)]
  return {
    title: 'When nothing fails, each event is said because of the one above it',
    lines: steps.map(({ drawn, by, more }) =>
      [drawn.padEnd(drawnWidth), by.padEnd(byWidth), more].join('  ').trimEnd(),
    ),
  }
}

/** A line of the tree. */
type Step = { readonly drawn: string; readonly by: string; readonly more: string }
/**
 * An event by the events that lead to it, what is drawn before it, and what is drawn before all that follows
 * from it.
 */
type Node = { readonly path: readonly string[]; readonly branch: string; readonly below: string }

const stepsFrom = (flow: Flow, { path, branch, below }: Node): Step[] => {
  const type = path.at(-1) ?? ''
  const rows = saying(flow, type).filter(({ says }) => isForward(says[type]))
  const next = hearing(flow, type)
    .flatMap(({ says }) => Object.keys(says).filter(one => isForward(says[one])))
    .filter(one => !path.includes(one)) // a flow that goes round in circles is drawn all the same
  const inner = next.map((one, i) => {
    const [arm, rest] = i === next.length - 1 ? ['└─ ', '   '] : ['├─ ', '│  ']
    return { path: [...path, one], branch: below + arm, below: below + rest }
  })
  const step = { drawn: branch + type, by: servicesOf(rows), more: insteadIn(rows, type) }
  return [step, ...inner.flatMap(node => stepsFrom(flow, node))]
}

const unaskedWords = 'unasked: over HTTP or by time'

const isForward = (meaning: string | undefined) => meaning === 'forward' || meaning === 'end'

const insteadIn = (rows: readonly Row[], type: string): string => {
  if (rows.some(({ hears }) => hears === undefined)) return unaskedWords
  const others = rows.flatMap(({ says }) => Object.keys(says).filter(one => one !== type))
  const ends = rows.some(({ says }) => says[type] === 'end') ? ['the end'] : []
  return [...ends, ...(others.length > 0 ? [`or else ${or(others)}`] : [])].join(', ')
}

/** How the order is undone after a failure: what may be done by then, who undoes it, and who ends it. */
export const describeWayBack = (flow: Flow, way: WayBack): Description => {
  const steps = [...way.undone.filter(({ by }) => by.length > 0).map(undoneIn(way)), ...endIn(way)]
  const width = Math.max(0, ...steps.map(({ first }) => first.length))
  return {
    title: `When ${servicesOf(way.said)} says ${way.failure}${occasionsOf(flow, way)}`,
    lines: [
      ...steps.map(({ first, rest }) => `${first.padEnd(width)} → ${rest}`),
      ...way.missing.map(what => `missing: ${what}`),
    ],
  }
}

const occasionsOf = (flow: Flow, { said }: WayBack): string => {
  const requests = unasked(flow).filter(type => saidAs(flow, 'refusal').includes(type))
  const heard = said.map(({ hears }) => {
    if (hears === undefined) return unaskedWords
    return `on ${hears}${requests.includes(hears) ? ', which comes unasked' : ''}`
  })
  return heard.length === 0 ? '' : ` (${or(heard)})`
}

type Turn = { readonly first: string; readonly rest: string }

const undoneIn =
  ({ failure }: WayBack) =>
  ({ effect, by }: Undone): Turn => ({
    first: `${effect} may be done`,
    rest: by
      .map(({ service, hears, says }) => {
        const undos = Object.keys(says).filter(type => says[type] === `undoes ${effect}`)
        const on = hears === undefined || hears === failure || says[failure] ? '' : ` on ${hears}`
        return `${service} undoes it${on}: ${or(undos)}`
      })
      .join('; '),
  })

const endIn = ({ ending, undone }: WayBack): Turn[] => {
  if (ending.length === 0) return []
  const ends = ending.flatMap(({ says }) => Object.keys(says).filter(type => says[type] === 'end'))
  const heard = undone.length === 0 ? 'nothing is done yet' : 'all of this is heard, in any order'
  return [{ first: heard, rest: `${servicesOf(ending)} ends it: ${or(ends)}` }]
}

const servicesOf = (rows: readonly Row[]) => or(rows.map(({ service }) => service))
const or = (words: readonly string[]) => [...new Set(words)].join(' or ')
