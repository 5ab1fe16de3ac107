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

/** What is awaited after these facts, in whatever order they came; nothing once the order has ended and its stock has left. Pure. */
export const awaitedOf = (facts: readonly { readonly type: string; readonly at: string }[]): Awaited[] => {
  const said = new Map(facts.map(({ type, at }) => [type, at]))
  const isOver = ended.slice(1).some(type => said.has(type))
  const open = isOver ? [] : steps.filter(one => isOpen(one, said))
  const isFirst = (one: Step, i: number) => open.findIndex(other => isSame(one, other)) === i
  return open.filter(isFirst).map(one => awaited(one, said))
}

/** Two events may ask for the same. */
const isSame = (one: Step, other: Step): boolean =>
  one.service === other.service && one.says.join() === other.says.join()

const isOpen = ({ after, service, says, unless }: Step, said: ReadonlyMap<string, string>): boolean =>
  after.every(type => said.has(type)) &&
  ![...says, ...unless, ...(service === 'order' ? ended : [])].some(type => said.has(type))

const awaited = ({ after, service, says, withinMs }: Step, said: ReadonlyMap<string, string>): Awaited => {
  const since = after
    .map(type => said.get(type) ?? '')
    .reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b))
  return { service, events: says, since, withinMs }
}
