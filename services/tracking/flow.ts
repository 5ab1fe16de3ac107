/** Something that has to happen next. */
export type Awaited = {
  readonly service: string
  /** Any of these events would do. */
  readonly events: readonly string[]
  /** When the last of what it follows from was said (RFC 3339). */
  readonly since: string
  /** How long it usually takes at most, in milliseconds. */
  readonly withinMs: number
}

/** After all of these events the service says one of `says`, unless one of `unless` was said. */
export type Step = {
  readonly after: readonly string[]
  readonly service: string
  readonly says: readonly string[]
  readonly unless: readonly string[]
  readonly withinMs: number
}

const stockSettled = ['inventory.rejected', 'inventory.released', 'inventory.consumed']
const shipmentDecided = ['shipment.scheduled', 'shipment.refused']
const ended = ['order.confirmed', 'order.rejected', 'order.cancelled']

const step = (
  after: readonly string[],
  service: string,
  says: readonly string[],
  { unless = [] as readonly string[], seconds = 5 } = {},
): Step => ({ after, service, says, unless, withinMs: seconds * 1_000 })

/** The saga as the journal shows it. A test holds it against the reaction tables of the services. */
export const steps: readonly Step[] = [
  step(['order.placed'], 'inventory', ['inventory.reserved', 'inventory.rejected'], { unless: stockSettled }),
  step(['payment.declined'], 'inventory', ['inventory.released'], { unless: stockSettled }),
  step(['shipment.refused'], 'inventory', ['inventory.released'], { unless: stockSettled }),
  step(['shipment.scheduled'], 'inventory', ['inventory.consumed'], { unless: stockSettled }),
  step(['inventory.reserved'], 'payment', ['payment.captured', 'payment.declined'], {
    unless: ['payment.voided', 'payment.refunded'],
    seconds: 10,
  }),
  step(['shipment.refused'], 'payment', ['payment.refunded', 'payment.voided'], {
    unless: ['payment.declined'],
    seconds: 10,
  }),
  step(['payment.captured'], 'shipping', shipmentDecided, { seconds: 10 }),
  step(['order.cancel-requested'], 'shipping', ['shipment.refused'], {
    unless: ['shipment.scheduled', 'inventory.rejected', 'payment.declined'],
  }),
  step(['shipment.scheduled'], 'order', ['order.confirmed']),
  step(['inventory.rejected'], 'order', ['order.rejected']),
  step(['payment.declined', 'inventory.released'], 'order', ['order.rejected']),
  step(['shipment.refused', 'inventory.released', 'payment.refunded'], 'order', ['order.cancelled']),
  step(['shipment.refused', 'inventory.released', 'payment.voided'], 'order', ['order.cancelled']),
]

/**
 * A step with a bit for each type of event, so that a set of types is a number; `key` is the same for steps
 * that ask for the same.
 */
type Masked = { readonly step: Step; readonly key: string; readonly after: number; readonly unless: number }

const bits = new Map(
  [...new Set(steps.flatMap(({ after, says, unless }) => [...after, ...says, ...unless, ...ended]))].map(
    (type, i): [string, number] => [type, 1 << i],
  ),
)
const maskOf = (types: readonly string[]): number =>
  types.reduce((mask, type) => mask | (bits.get(type) ?? 0), 0)
const over = maskOf(ended.slice(1))

const masked: readonly Masked[] = steps.map(step => {
  const { after, service, says, unless } = step
  const endings = service === 'order' ? ended : []
  const key = `${service} ${says.join()}`
  return { step, key, after: maskOf(after), unless: maskOf([...says, ...unless, ...endings]) }
})

/**
 * What is awaited after these facts, in whatever order they came; nothing once the order has ended and its
 * stock has left. Pure.
 */
export const awaitedOf = (facts: readonly { readonly type: string; readonly at: string }[]): Awaited[] => {
  const said = maskOf(facts.map(({ type }) => type))
  if ((said & over) !== 0) return []
  const open = masked.filter(({ after, unless }) => (said & after) === after && (said & unless) === 0)
  if (open.length === 0) return []
  const times = new Map(facts.map(({ type, at }) => [type, at]))
  // Two events may ask for the same.
  const isFirst = ({ key }: Masked, i: number) => open.findIndex(other => other.key === key) === i
  return open.filter(isFirst).map(({ step }) => awaited(step, times))
}

const awaited = ({ after, service, says, withinMs }: Step, said: ReadonlyMap<string, string>): Awaited => {
  const since = after
    .map(type => said.get(type) ?? '')
    .reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b))
  return { service, events: says, since, withinMs }
}
