import { wrapped } from '../fit.ts'
import { type Paint, type Screen, table } from '../terminal.ts'
import type { BrokerStatus, Finding, Status } from './verdict.ts'

/** The status for people, and at its end what is not well. */
export const statusText = (
  { api, services, broker, tracking }: Status,
  findings: readonly Finding[],
  screen: Screen,
): string => {
  const { paint, columns } = screen
  const mark = (good: boolean) => (good ? paint.good('ready') : paint.bad('not ready'))
  const names = services.map(({ name, ready }) => `${name} ${mark(ready)}`)
  return [
    `API       ${api.url} ${apiText(api.says, paint)}`,
    wrapped(`services  ${names.length > 0 ? names.join(', ') : 'not known from here'}`, columns, 10),
    ...(tracking && 'lagSeconds' in tracking ? [`tracking  ${tracking.lagSeconds.toFixed(1)} s behind`] : []),
    ...('unreachable' in broker
      ? [`broker    ${unseenText(broker.unreachable, paint)}`]
      : ['', brokerText(broker, screen)]),
    '',
    ...(findings.length === 0
      ? [paint.good('all is well')]
      : findings.map(one => wrapped(findingText(one, paint), columns, 6))),
  ].join('\n')
}

const findingText = ({ level, what }: Finding, paint: Paint): string =>
  `${level === 'ill' ? paint.bad('ill ') : paint.doubtful('look')}  ${what}`

const apiText = (says: Status['api']['says'], paint: Paint): string => {
  if (says === 'answers') return paint.good(says)
  return paint.bad(says === 'nothing' ? 'does not answer' : 'answers as no API of Choreo does')
}

const unseenText = (code: string, paint: Paint): string =>
  code === 'system-not-found' ? paint.doubtful('not known from here') : paint.bad(`not reachable (${code})`)

const brokerText = (
  { queues, unrouted, missing, different, inForce }: BrokerStatus,
  screen: Screen,
): string => {
  const { paint } = screen
  const figure = (count: number | null) => (count === null ? paint.doubtful('unknown') : String(count))
  const rows = queues.map(one => [
    one.service,
    ...[one.waiting, one.inHand].map(figure),
    one.consumers === 0 ? paint.bad('0') : figure(one.consumers),
    one.deadLetters ? paint.doubtful(String(one.deadLetters)) : figure(one.deadLetters),
  ])
  const heads = ['inbox of', 'waiting', 'in hand', 'consumers', 'dead letters']
  const drift = [
    ...(missing.length > 0 ? [`${missing.length} missing`] : []),
    ...(different.length > 0 ? [`${different.length} differ`] : []),
    ...(inForce.length > 0 ? ['not in force as promised'] : []),
  ]
  return [
    table(heads, rows, screen),
    `unrouted  ${figure(unrouted)}`,
    `topology  ${drift.length === 0 ? 'as declared' : paint.bad(drift.join(', '))}`,
  ].join('\n')
}
