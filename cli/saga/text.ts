import type {
  ListedOrder,
  OrderStory,
  StoryEntry,
  StoryGap,
  StoryStep,
} from '../../services/private-calls/order-story.ts'
import { type Cell, fitted, wrapped } from '../fit.ts'
import { amount, duration, type Paint, type Screen, statusIn, table } from '../terminal.ts'

const heads = ['order', 'status', 'customer', 'total', 'placed', 'trouble', 'reasons', 'awaits']

/** What matters least to who looks for orders that wait. */
const dropped = ['total', 'customer', 'placed', 'reasons']

/** Orders as a table; `now` in ms. */
export const listText = (orders: readonly ListedOrder[], now: number, screen: Screen): string => {
  const { paint } = screen
  if (orders.length === 0) return 'no orders'
  const rows = orders.map(one => [
    one.orderId,
    statusIn(paint, one.status),
    one.customerId ?? '',
    one.total === null ? '' : amount(one.total),
    one.placedAt === null ? '' : `${duration(Math.max(0, now - Date.parse(one.placedAt)))} ago`,
    troubleOf(one, paint),
    reasonsOf(one),
    { whole: awaitsOf(one, paint), brief: awaitedOf(one, paint) },
  ])
  return table(heads, rows, screen, dropped)
}

const troubleOf = ({ attemptsFailed, parked }: ListedOrder, paint: Paint): string =>
  [
    ...(parked > 0 ? [paint.bad(`${parked} parked`)] : []),
    ...(attemptsFailed > 0 ? [paint.doubtful(`${attemptsFailed} failed`)] : []),
  ].join(', ')

/** All of them, or the first one and how many more there are. */
const reasonsOf = ({ reasons = [] }: ListedOrder): Cell => {
  const [first = '', ...others] = reasons
  return { whole: reasons.join(', '), brief: others.length > 0 ? `${first} +${others.length}` : first }
}

const awaitsOf = ({ awaiting }: Pick<ListedOrder, 'awaiting'>, paint: Paint): string =>
  awaiting
    .map(({ service, events, overdue }) => {
      const text = `${events.join(' or ')} from ${service}`
      return overdue ? paint.bad(`${text}, overdue`) : text
    })
    .join('; ')

/** Who is awaited, without what may come from there. */
const awaitedOf = ({ awaiting }: Pick<ListedOrder, 'awaiting'>, paint: Paint): string =>
  awaiting.map(({ service, overdue }) => (overdue ? paint.bad(`${service}, overdue`) : service)).join('; ')

/** The whole story of an order, a step a line. */
export const storyText = (story: OrderStory, { paint, columns }: Screen): string => {
  const { orderId, status, steps } = story
  if (status === null) return `${orderId}  the journal does not have it yet`
  const told = steps.filter(isTold)
  const causes = new Map(told.map(({ id, type }) => [id, type]))
  const awaits = awaitsOf(story, paint)
  const rows = steps.map(step => (isTold(step) ? stepCells(step, causes, paint) : gapCells(step, paint)))
  return [
    wrapped(`${orderId}  ${statusIn(paint, status)}${awaits ? `, awaits ${awaits}` : ''}`, columns, 2),
    ...fitted(rows, { columns, drop: [3] }),
    ...(story.lagSeconds > 5 ? [paint.doubtful(`as of ${story.asOf}: tracking is behind`)] : []),
  ].join('\n')
}

const isTold = (step: StoryStep | StoryGap): step is StoryStep => 'type' in step

const gapCells = ({ id }: StoryGap, paint: Paint): readonly Cell[] =>
  ['', paint.doubtful('missing'), '', '', paint.doubtful(id)] as const

const stepCells = (step: StoryStep, causes: ReadonlyMap<string, string>, paint: Paint): readonly Cell[] => {
  const [service, type, detail] = entryCells(step, paint)
  const after = step.afterMs === undefined ? '' : `${Math.max(0, step.afterMs)} ms`
  const cause = step.cause === undefined ? '' : `${after} after ${causes.get(step.cause) ?? step.cause}`
  const at = `${(step.sinceStartMs / 1_000).toFixed(3).padStart(9)} s`
  return [at, service, type, { whole: paint.faint(cause.trim()), brief: paint.faint(after) }, detail]
}

/** A fact or notice: who said what, and with which data. */
const entryCells = ({ service, type, notice, newer, data }: StoryEntry, paint: Paint) => {
  const colour = notice === undefined ? paint.strong : notice === 'repaired' ? paint.good : paint.bad
  const detail = newer === undefined ? detailOf(data) : paint.doubtful(`v${newer}, newer than tracking`)
  return [service, colour(type), detail] as const
}

/** A fact or notice on a line of its own, with the time by its service's clock. */
export const entryText = (entry: StoryEntry, { paint, columns }: Screen): string => {
  const [service, type, detail] = entryCells(entry, paint)
  const at = { whole: entry.at, brief: entry.at.slice('2030-01-01T'.length, -1) }
  const said = `${service.padEnd(9)}  ${type}${' '.repeat(Math.max(0, 22 - entry.type.length))}`
  return fitted([[at, said, detail]], { columns }).join('')
}

/** What distinguishes the steps of different orders comes first; the rest in the order of the event. */
const telling = [
  'reason',
  'error',
  'errorAt',
  'detail',
  'shortOf',
  'total',
  'amount',
  'trackingNumber',
  'attempt',
  'attempts',
  'what',
]

/**
 * All fields of the data, so that those of an event that is new are seen too; in brief the important ones,
 * and whether there are more.
 */
const detailOf = (data: Readonly<Record<string, unknown>>): Cell => {
  const tells = telling.filter(name => name in data)
  const others = Object.keys(data).filter(isNotTelling)
  const text = (names: readonly string[]) => names.map(name => `${name} ${valueText(data[name])}`)
  const whole = text([...tells, ...others]).join(', ')
  const brief = [...text(tells), ...(others.length > 0 ? ['…'] : [])].join(', ')
  return { whole, brief: tells.length > 0 ? brief : whole }
}

const isNotTelling = (name: string): boolean => !telling.includes(name)

const valueText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(valueText).join('; ')}]`
  if (value === null || typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${valueText(one)}`)
    .join(' ')
}
