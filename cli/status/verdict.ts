import { formatCount } from '../../shared/runtime/text/format.ts'
import { amount } from '../terminal.ts'

/** One service, asked on its private port. */
export type ServiceStatus = {
  readonly name: string
  readonly ready: boolean
  /** Why it is not ready. */
  readonly why?: string
}

/** A number that the broker tells, or null when nobody knows it; unknown is never zero. */
type Figure = number | null

/** What waits for a service at the broker. */
export type QueueStatus = {
  readonly service: string
  /** Messages in its inbox that nobody has in hand. */
  readonly waiting: Figure
  readonly inHand: Figure
  readonly consumers: Figure
  readonly deadLetters: Figure
}

/** All that a look at the system found; a part that could not be asked is its code. */
export type Status = {
  /** Whether the API answers, and as ours does. */
  readonly api: { readonly url: string; readonly says: 'answers' | 'nothing' | 'something else' }
  readonly services: readonly ServiceStatus[]
  readonly broker: BrokerStatus | Unseen
  readonly tracking: { readonly lagSeconds: number } | { readonly unreachable: string } | null
  /** The calls that are refused for good, and the cents at risk; null when nobody knows where the stores are. */
  readonly stuck: StuckStatus | { readonly unreachable: string } | null
}

/** A broker that could not be asked: the code, and in words what is wrong and what to do. */
type Unseen = { readonly unreachable: string; readonly why: string }

/** `more`: these are not all of them. */
export type StuckStatus = { readonly calls: number; readonly amount: number; readonly more: boolean }

export type BrokerStatus = {
  readonly queues: readonly QueueStatus[]
  readonly unrouted: Figure
  /** Our queues that are there, and whose figures the broker does not tell. */
  readonly unknown: readonly string[]
  readonly missing: readonly string[]
  readonly different: readonly string[]
  /** Queues of others that take our events and do, or may do, harm. */
  readonly foreign: readonly { readonly grave: boolean; readonly what: string }[]
  /** Queues of ours that are filled by half and more, and the events that a full one refuses. */
  readonly fills: readonly {
    readonly grave: boolean
    readonly queue: string
    readonly fill: string
    readonly events: readonly string[]
  }[]
  /** What is in force for our queues other than promised, and what that does. */
  readonly inForce: readonly { readonly grave: boolean; readonly what: string }[]
}

/** Read models this far behind mislead their readers. */
export const lagAlarmSeconds = 30

/** How a system is: all is well, somebody should have a look, or something is wrong. */
export type Level = 'well' | 'look' | 'ill'

/** Something that is not well, in a sentence with what to do about it. */
export type Finding = { readonly level: Exclude<Level, 'well'>; readonly what: string }

const ill = (what: string): Finding => ({ level: 'ill', what })
const look = (what: string): Finding => ({ level: 'look', what })

/** The level of a whole system: that of the gravest finding. Pure. */
export const levelOf = (findings: readonly Finding[]): Level => {
  if (findings.some(({ level }) => level === 'ill')) return 'ill'
  return findings.length > 0 ? 'look' : 'well'
}

/** True when no part of the system answered. Pure. */
export const isSilent = ({ api, services, broker }: Status): boolean =>
  api.says === 'nothing' &&
  'unreachable' in broker &&
  services.every(({ ready, why }) => !ready && why === silent)

/** Why a service is not ready that does not answer. */
export const silent = 'it does not answer'

/**
 * What is not well, the gravest first; empty when all is well. More than `deadLetterAlarm` dead letters of
 * one service are ill, fewer are to be looked at. Pure.
 */
export const judge = (status: Status, deadLetterAlarm: number): readonly Finding[] => {
  const { api, services, broker } = status
  const ready = new Set(services.filter(one => one.ready).map(({ name }) => name))
  const findings = [
    ...apiFindings(api),
    ...services
      .filter(one => !one.ready)
      .map(({ name, why }) => ill(`${name} is not ready${why ? `: ${why}` : ''}; its log shows more.`)),
    ...('unreachable' in broker
      ? [unseenBroker(broker)]
      : [
          ...broker.queues.flatMap(queue => consumerFindings(queue, ready)),
          ...broker.queues.flatMap(queue => deadLetterFindings(queue, deadLetterAlarm)),
          ...topologyFindings(broker),
          ...fillFindings(broker),
          ...unknownFindings(broker),
        ]),
    ...trackingFindings(status),
    ...stuckFindings(status),
  ]
  return [...findings.filter(one => one.level === 'ill'), ...findings.filter(one => one.level === 'look')]
}

const apiFindings = ({ url, says }: Status['api']): Finding[] => {
  if (says === 'answers') return []
  return says === 'nothing'
    ? [ill(`The API at ${url} does not answer; see whether the order service runs.`)]
    : [ill(`What answers at ${url} is no API of Choreo; see who has that port, or name another --url.`)]
}

const unseenBroker = ({ unreachable, why }: Unseen): Finding =>
  unreachable === 'system-not-found'
    ? look('Its broker is not known from here; give its addresses in AMQP_URL and RABBITMQ_MANAGEMENT_URL.')
    : ill(`The broker cannot be asked (${unreachable}): ${why}`)

// The broker counts anew every few seconds, so just after a start it lags behind what a service says of
// itself.
const consumerFindings = (
  { service, consumers, waiting }: QueueStatus,
  ready: ReadonlySet<string>,
): Finding[] => {
  if (consumers !== 0) return []
  return ready.has(service)
    ? [
        look(
          `The broker counts no consumer of the inbox of ${service} yet, which reports that it is ready; look again in 10 s, and start it again if it is still so.`,
        ),
      ]
    : [
        ill(
          `Nobody consumes the inbox of ${service}, in which ${waiting ?? 'nobody knows how many'} wait; start it.`,
        ),
      ]
}

const deadLetterFindings = ({ service, deadLetters }: QueueStatus, alarm: number): Finding[] => {
  if (!deadLetters) return []
  const level = deadLetters > alarm ? ill : look
  return [
    level(
      `${formatCount(deadLetters, 'dead letter')} of ${service}; \`npx --no -- choreo dlq list --service ${service}\` groups them.`,
    ),
  ]
}

const topologyFindings = ({ unrouted, missing, different, inForce }: BrokerStatus): Finding[] => [
  ...(unrouted
    ? [
        ill(
          `${unrouted} messages reached no inbox; \`npx --no -- choreo topology plan\` shows which binding is missing.`,
        ),
      ]
    : []),
  ...missing.map(thing =>
    ill(`The broker lacks ${thing}; \`npx --no -- choreo topology apply\` declares it.`),
  ),
  ...different.map(thing => ill(`On the broker ${thing}; fix it by hand, it cannot be changed live.`)),
  ...inForce.map(({ grave, what }) => (grave ? ill : look)(`On the broker ${what}.`)),
]

const fillFindings = ({ foreign, fills }: BrokerStatus): Finding[] => [
  ...foreign.map(({ grave, what }) =>
    (grave ? ill : look)(
      `On the broker ${what}. \`npx --no -- choreo topology prune\` deletes it; or have it consumed.`,
    ),
  ),
  ...fills.map(({ grave, queue, fill, events }) =>
    (grave ? ill : look)(
      `The queue ${queue} is ${fill}; while it is full, whoever publishes ${events.join(', ') || 'to it'} is refused (publish-rejected), and all who hear it get it late. Start whoever consumes it, or more instances.`,
    ),
  ),
]

const unknownFindings = ({ unknown }: BrokerStatus): Finding[] =>
  unknown.length === 0
    ? []
    : [
        look(
          `RabbitMQ does not tell how full ${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'}, or who consumes: see that AMQP_URL leads to it, and that the queues have a leader; until then nothing is known of what waits there.`,
        ),
      ]

const trackingFindings = ({ tracking, services }: Status): Finding[] => {
  if (tracking && 'lagSeconds' in tracking)
    return tracking.lagSeconds > lagAlarmSeconds
      ? [ill(`Tracking is ${Math.round(tracking.lagSeconds)} s behind; lists and timelines are that old.`)]
      : []
  const isReady = services.some(({ name, ready }) => name === 'tracking' && ready)
  return tracking && isReady
    ? [look('Tracking does not report how far behind it is; look again, and at its log if it is still so.')]
    : []
}

const stuckFindings = ({ stuck }: Status): Finding[] => {
  if (stuck === null) return []
  if ('unreachable' in stuck)
    return [look(`Whether a call is stuck is not known (${stuck.unreachable}); see whether MongoDB runs.`)]
  if (stuck.calls === 0) return []
  const calls = `${stuck.more ? 'More than ' : ''}${formatCount(stuck.calls, 'call')}`
  return [
    look(
      `${calls} refused for good, ${amount(stuck.amount)} at risk; \`npx --no -- choreo saga stuck\` lists them, and what to do is up to a person.`,
    ),
  ]
}
