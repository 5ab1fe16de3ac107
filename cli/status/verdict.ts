/** One service, asked on its private port. */
export type ServiceStatus = {
  readonly name: string
  readonly ready: boolean
  /** Why it is not ready. */
  readonly why?: string
}

/** What waits for a service at the broker. */
export type QueueStatus = {
  readonly service: string
  /** Messages in its inbox that nobody has in hand. */
  readonly waiting: number
  readonly inHand: number
  readonly consumers: number
  readonly deadLetters: number
}

/** All that a look at the system found; a part that could not be asked is its code. */
export type Status = {
  readonly door: { readonly url: string; readonly answers: boolean }
  readonly services: readonly ServiceStatus[]
  readonly broker: BrokerStatus | { readonly unreachable: string }
  readonly tracking: { readonly lagSeconds: number } | { readonly unreachable: string } | null
}

export type BrokerStatus = {
  readonly queues: readonly QueueStatus[]
  readonly unrouted: number
  readonly missing: readonly string[]
  readonly different: readonly string[]
}

/** Read models this far behind mislead their readers. */
export const lagAlarmSeconds = 30

/**
 * What is wrong, each in a sentence with what to do about it; empty when all is well. More than `deadLetterAlarm` dead letters of one
 * service are wrong. Pure.
 */
export const judge = ({ door, services, broker, tracking }: Status, deadLetterAlarm: number): string[] => [
  ...(door.answers ? [] : [`The door at ${door.url} does not answer; see whether the order service runs.`]),
  ...services
    .filter(({ ready }) => !ready)
    .map(({ name, why }) => `${name} is not ready${why ? `: ${why}` : ''}; its log says more.`),
  ...('unreachable' in broker
    ? [`The broker cannot be asked (${broker.unreachable}); see whether RabbitMQ runs.`]
    : brokerWrongs(
        broker,
        new Set(services.filter(({ ready }) => ready).map(({ name }) => name)),
        deadLetterAlarm,
      )),
  ...(tracking && 'lagSeconds' in tracking && tracking.lagSeconds > lagAlarmSeconds
    ? [`Tracking is ${Math.round(tracking.lagSeconds)} s behind; lists and timelines are that old.`]
    : []),
]

// The figures of the broker are some seconds old; a service that says that it is ready does consume.
const brokerWrongs = (
  { queues, unrouted, missing, different }: BrokerStatus,
  ready: ReadonlySet<string>,
  deadLetterAlarm: number,
): string[] => [
  ...queues
    .filter(({ consumers, service }) => consumers === 0 && !ready.has(service))
    .map(
      ({ service, waiting }) =>
        `Nobody consumes the inbox of ${service}, in which ${waiting} wait; start it.`,
    ),
  ...queues
    .filter(({ deadLetters }) => deadLetters > deadLetterAlarm)
    .map(
      ({ service, deadLetters }) =>
        `${deadLetters} dead letters of ${service}; \`npx choreo dlq list --service ${service}\` groups them.`,
    ),
  ...(unrouted > 0
    ? [`${unrouted} messages reached no inbox; \`npx choreo topology plan\` shows which binding is missing.`]
    : []),
  ...missing.map(thing => `The broker lacks ${thing}; \`npx choreo topology apply\` declares it.`),
  ...different.map(thing => `On the broker ${thing}; mend it by hand, it cannot be changed live.`),
]
