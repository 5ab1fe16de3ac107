import type { Flow, Row } from '../../choreography/flow.ts'

const owners = { desk: 'trip', hotel: 'room', train: 'seat', bank: 'money' } as const
type Owner = keyof typeof owners

const ownerOf = (type: string) =>
  (Object.keys(owners) as Owner[]).find(owner => owners[owner] === type.split('.')[0]) ?? '?'

/** A flow of these rows; the contract is what they name, and what ends a trip needs nobody to hear it. */
export const flowOfRows = (rows: readonly Row[]): Flow => {
  const named = rows.flatMap(({ hears, says }) => [
    ...(hears === undefined ? [] : [hears]),
    ...Object.keys(says),
  ])
  const isEnd = (type: string) => rows.some(({ says }) => says[type] === 'end')
  const events = [...new Set(named)].map(type => ({ type, owner: ownerOf(type), terminal: isEnd(type) }))
  return { rows, events }
}

/** What a service does on hearing an event, or, without one, unasked. */
export const row = (service: Owner, hears: string | undefined, says: Row['says'] = {}): Row => ({
  ...{ service, says },
  ...(hears !== undefined && { hears }),
})

/** A trip that is sound: a room is held, then a seat is bought; a sold-out train gives the room back. */
export const trip: readonly Row[] = [
  row('desk', undefined, { 'trip.asked': 'forward' }),
  row('hotel', 'trip.asked', { 'room.held': 'forward', 'room.none': 'refusal' }),
  row('train', 'room.held', { 'seat.bought': 'forward', 'seat.none': 'refusal' }),
  row('hotel', 'seat.none', { 'room.freed': 'undoes room.held' }),
  row('desk', 'seat.bought', { 'trip.booked': 'end' }),
  row('desk', 'room.none', { 'trip.failed': 'end' }),
  row('desk', 'seat.none', { 'trip.failed': 'end' }),
  row('desk', 'room.freed', { 'trip.failed': 'end' }),
]

/** The trip with other rows in the place of those that hear the same, and more rows. */
export const tripWith = (...rows: readonly Row[]): readonly Row[] => [
  ...trip.filter(one => !rows.some(other => one.service === other.service && one.hears === other.hears)),
  ...rows,
]
