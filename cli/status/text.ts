import { type Paint, table } from '../terminal.ts'
import type { BrokerStatus, Status } from './verdict.ts'

/** The status for people, and at its end what is wrong. */
export const statusText = (
  { door, services, broker, tracking }: Status,
  wrong: readonly string[],
  paint: Paint,
): string => {
  const mark = (good: boolean) => (good ? paint.good('ready') : paint.bad('not ready'))
  const names = services.map(({ name, ready }) => `${name} ${mark(ready)}`)
  return [
    `door      ${door.url} ${door.answers ? paint.good('answers') : paint.bad('does not answer')}`,
    `services  ${names.length > 0 ? names.join(', ') : 'not known from here'}`,
    ...(tracking && 'lagSeconds' in tracking ? [`tracking  ${tracking.lagSeconds.toFixed(1)} s behind`] : []),
    ...('unreachable' in broker
      ? [`broker    ${paint.bad(`not reachable (${broker.unreachable})`)}`]
      : ['', brokerText(broker, paint)]),
    '',
    ...(wrong.length === 0 ? [paint.good('all is well')] : wrong.map(one => `${paint.bad('wrong')}  ${one}`)),
  ].join('\n')
}

const brokerText = ({ queues, unrouted, missing, different }: BrokerStatus, paint: Paint): string => {
  const rows = queues.map(one => [
    one.service,
    ...[one.waiting, one.inHand].map(String),
    one.consumers > 0 ? String(one.consumers) : paint.bad('0'),
    one.deadLetters > 0 ? paint.doubtful(String(one.deadLetters)) : '0',
  ])
  const heads = ['inbox of', 'waiting', 'in hand', 'consumers', 'dead letters']
  const drift = missing.length + different.length
  return [
    table(heads, rows, paint),
    `unrouted  ${unrouted}`,
    `topology  ${drift === 0 ? 'as declared' : paint.bad(`${missing.length} missing, ${different.length} differ`)}`,
  ].join('\n')
}
