import type {
  ListedOrder,
  OrderStory,
  StoryEntry,
  StoryGap,
  StoryStep,
} from '../../services/private-calls/order-story.ts'
import { amount, duration, type Paint, statusIn, table } from '../terminal.ts'

const heads = ['order', 'status', 'customer', 'total', 'placed', 'trouble', 'awaits']

/** Orders as a table; `now` in ms. */
export const listText = (orders: readonly ListedOrder[], now: number, paint: Paint): string => {
  if (orders.length === 0) return 'no orders'
  return table(
    heads,
    orders.map(one => [
      one.orderId,
      statusIn(paint, one.status),
      one.customerId ?? '',
      one.total === null ? '' : amount(one.total),
      one.placedAt === null ? '' : `${duration(Math.max(0, now - Date.parse(one.placedAt)))} ago`,
      troubleOf(one, paint),
      awaitsOf(one, paint),
    ]),
    paint,
  )
}

const troubleOf = ({ attemptsFailed, parked }: ListedOrder, paint: Paint): string =>
  [
    ...(parked > 0 ? [paint.bad(`${parked} parked`)] : []),
    ...(attemptsFailed > 0 ? [paint.doubtful(`${attemptsFailed} failed`)] : []),
  ].join(', ')

const awaitsOf = ({ awaiting }: Pick<ListedOrder, 'awaiting'>, paint: Paint): string =>
  awaiting
    .map(({ service, events, overdue }) => {
      const text = `${events.join(' or ')} from ${service}`
      return overdue ? paint.bad(`${text}, overdue`) : text
    })
    .join('; ')

/** The whole story of an order, a step a line. */
export const storyText = (story: OrderStory, paint: Paint): string => {
  const { orderId, status, steps } = story
  if (status === null) return `${orderId}  the journal has not told of it yet`
  const told = steps.filter(isTold)
  const causes = new Map(told.map(({ id, type }) => [id, type]))
  const awaits = awaitsOf(story, paint)
  return [
    `${orderId}  ${statusIn(paint, status)}${awaits ? `, awaits ${awaits}` : ''}`,
    ...steps.map(step => (isTold(step) ? stepLine(step, causes, paint) : gapLine(step, paint))),
    ...(story.lagSeconds > 5 ? [paint.doubtful(`as of ${story.asOf}: tracking is behind`)] : []),
  ].join('\n')
}

const isTold = (step: StoryStep | StoryGap): step is StoryStep => 'type' in step

const gapLine = ({ id }: StoryGap, paint: Paint): string =>
  paint.doubtful(`  ${' '.repeat(10)}  missing: ${id}`)

const stepLine = (step: StoryStep, causes: ReadonlyMap<string, string>, paint: Paint): string => {
  const after = step.afterMs === undefined ? '' : `${Math.max(0, step.afterMs)} ms `
  const cause = step.cause === undefined ? '' : `${after}after ${causes.get(step.cause) ?? step.cause}`
  const at = `${(step.sinceStartMs / 1_000).toFixed(3).padStart(9)} s`
  return `${at}  ${entryText(step, paint)}  ${paint.faint(cause)}`.trimEnd()
}

/** A fact or notice in its columns, without times. */
export const entryText = ({ service, type, notice, newer, data }: StoryEntry, paint: Paint): string => {
  const colour = notice === undefined ? paint.strong : notice === 'repaired' ? paint.good : paint.bad
  const said = `${service.padEnd(9)}  ${colour(type.padEnd(24))}`
  const detail = newer === undefined ? detailOf(data) : paint.doubtful(`v${newer}, newer than tracking`)
  return `${said}  ${detail}`.trimEnd()
}

const shown = [
  'reason',
  'detail',
  'shortOf',
  'total',
  'amount',
  'trackingNumber',
  'attempt',
  'attempts',
  'what',
]

/** The few fields that tell the steps of different orders apart. */
const detailOf = (data: Readonly<Record<string, unknown>>): string =>
  shown
    .filter(name => ['string', 'number'].includes(typeof data[name]))
    .map(name => `${name} ${data[name]}`)
    .join(', ')
