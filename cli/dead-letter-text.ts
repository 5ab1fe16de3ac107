import { adviceOn } from '../shared/operations/dead-letters/advice.ts'
import { type DeadLetter, faultText } from '../shared/operations/dead-letters/dead-letter.ts'
import type { DeadLetterGroup } from '../shared/operations/dead-letters/filter.ts'
import type { Forecast } from '../shared/operations/dead-letters/forecast.ts'
import type { ReplayResult } from '../shared/operations/dead-letters/replay.ts'
import type { ErrorDetail } from '../shared/runtime/error-report.ts'
import { type Cell, fitted } from './fit.ts'
import { duration, type Screen, table } from './terminal.ts'

const groupHeads = ['service', 'reason', 'type', 'letters', 'orders', 'oldest', 'for example', 'error']

/** Groups of dead letters as a table. */
export const groupTable = (groups: readonly DeadLetterGroup[], screen: Screen): string =>
  table(
    groupHeads,
    groups.map(one => [
      ...[one.service, screen.paint.bad(one.reason), one.type, String(one.count), String(one.subjects)],
      ...[duration(one.oldest), one.example, errorCell(one)],
    ]),
    screen,
    ['orders', 'oldest', 'for example'],
  )

/** What an error said and where; where there is no room, where. */
const errorCell = ({ error = '', errorAt }: ErrorDetail): Cell =>
  errorAt === undefined ? error : { whole: `${error} at ${errorAt}`.trim(), brief: errorAt }

/** Dead letters, each on one line, with what became of them before it when that is given. */
export const deadLetterLines = (
  deadLetters: readonly DeadLetter[],
  { paint, columns }: Screen,
  became?: string,
): string =>
  fitted(
    deadLetters.map(({ service, messageId, type, reason, attempts, age, ...error }) => [
      ...[became ? `${became}  ${service}` : service, messageId, type, paint.bad(reason)],
      ...[`${attempts} attempts`, `${duration(age)} ago`, errorCell(error)],
    ]),
    { columns, drop: [4, 2, 5] },
  ).join('\n')

/** A dead letter with all that may be shown of it. */
export const deadLetterText = (deadLetter: DeadLetter, screen: Screen): string => {
  const { paint } = screen
  const { events, poison, firstFailedAt, subject: orderId, error, errorAt } = deadLetter
  return [
    deadLetterLines([withoutError(deadLetter)], screen),
    ...(error === undefined ? [] : [`  ${paint.bad(error)}`]),
    ...(errorAt === undefined ? [] : [`  at ${errorAt}`]),
    ...(orderId ? [`  order ${orderId}`] : []),
    ...(firstFailedAt === undefined ? [] : [`  failed first at ${new Date(firstFailedAt).toISOString()}`]),
    `  ${deadLetter.bytes} bytes, sent as ${deadLetter.originKey ?? 'unknown'}`,
    ...(poison ? [`  ${paint.bad('cannot be decoded')} (${poison}), so its body is not shown`] : []),
    ...events.flatMap(one => [
      `  ${one.id}  ${one.type}  ${one.at}`,
      ...JSON.stringify(one.data, null, 2)
        .split('\n')
        .map(text => `    ${text}`),
    ]),
    `  do: ${adviceOn(deadLetter)}`,
    paint.faint(
      `  what a replay would do: npx --no -- choreo dlq replay --message ${deadLetter.messageId} --dry-run`,
    ),
  ].join('\n')
}

const withoutError = ({ error: _, errorAt: __, ...deadLetter }: DeadLetter): DeadLetter => deadLetter

/** What would become of an event, in a sentence. */
export const forecastText = (told: Forecast): string => {
  const first = told.opens ? 'finishes an open call first; then, as things are, ' : ''
  return `${told.eventId}: ${first}${doing(told)}`
}

const doing = (told: Forecast): string => {
  switch (told.does) {
    case 'resends':
      return told.events.length > 0
        ? `was applied after all; sends again what it caused: ${typesOf(told.events)}`
        : 'was applied after all, and caused nothing that is to be sent'
    case 'ignores':
      return `is ignored: ${told.reason}`
    case 'applies':
      return `takes the order from ${told.from} to ${told.to} and sends ${typesOf(told.events) || 'nothing'}`
    case 'calls':
      return `calls ${JSON.stringify(told.call)}, and then sends ${told.maySend.join(' or ')}`
    case 'fails':
      return `fails again: ${faultText(told)}`
  }
}

const typesOf = (events: readonly { readonly type: string }[]): string =>
  events.map(({ type }) => type).join(', ')

/** How many dead letters a replay came to, and why it ended early, if it did: a code, what is wrong, what to do. */
export type ReplayOutcome = Readonly<Record<ReplayResult['did'], number>> & {
  readonly stopped: string | null
  readonly detail?: string
  readonly help?: string
}

/** What a replay did, on one line. */
export const replaySummary = (
  { replayed, refused, forecast, stopped, detail, help }: ReplayOutcome,
  dryRun: boolean,
): string =>
  [
    ...(replayed + refused + forecast === 0 && stopped === null ? ['no dead letters are meant'] : []),
    dryRun ? `${forecast} looked at, nothing sent` : `${replayed} sent again`,
    ...(refused > 0
      ? [`${refused} refused, because they cannot be decoded (--force sends them all the same)`]
      : []),
    ...(stopped === null
      ? []
      : [
          `ended early (${detail === undefined ? stopped : `${stopped}: ${detail.replace(/\.$/, '')}`}); what is left still lies there, and repeating it is safe${help ? `. ${help}` : ''}`,
        ]),
  ].join(', ')
