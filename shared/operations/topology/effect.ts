import { formatDuration } from '../../runtime/text/format.ts'

type Settings = Readonly<Record<string, unknown>>

/** What a setting that is other than promised does, and the promise that does not hold because of it, if any. */
export type SettingResult = { readonly effect: string; readonly promise?: string }

const grave = (effect: string, promise = nothingLost): SettingResult => ({ effect, promise })
const harmless = (effect: string): SettingResult => ({ effect })

const nothingLost = 'that nothing is lost'
const othersGoOn = 'that nothing stands in the way of others'

/** Time to live and expiry are milliseconds. */
const time = (ms: unknown): string => (typeof ms !== 'number' || ms < 1_000 ? `${ms} ms` : formatDuration(ms))

type Say = (promised: Settings, live: Settings) => SettingResult

const overLimit =
  (setting: string, unit: string): Say =>
  (promised, live) => {
    const [limit, wanted] = [live[setting], promised[setting]]
    if (typeof limit !== 'number' || (typeof wanted === 'number' && limit > wanted))
      return grave(`publishers are not refused above ${wanted} ${unit}`, 'that the disk stays free')
    return live.overflow === 'reject-publish'
      ? grave(`above ${limit} ${unit} publishers are refused`, othersGoOn)
      : grave(`above ${limit} ${unit} the oldest are dropped`)
  }

const tooOld: Say = (promised, live) => {
  const age = live['message-ttl']
  if (promised['message-ttl'] !== undefined)
    return harmless(
      `what waits for its next attempt waits ${time(age)} instead of ${time(promised['message-ttl'])}`,
    )
  return live['dead-letter-exchange'] === undefined
    ? grave(`events older than ${time(age)} are dropped`)
    : grave(`events older than ${time(age)} become dead letters`, 'that a saga ends by itself')
}

/** Without an exchange for dead letters there is nothing else to say about them. */
const withDeadLetters =
  (effect: string): Say =>
  (_, live) =>
    live['dead-letter-exchange'] === undefined
      ? grave('what RabbitMQ gives up is deleted instead of dead-lettered')
      : grave(effect)

/** What is over a limit is dropped or refused: said with the limit. */
const limitIn = (live: Settings): string =>
  live['max-length-bytes'] === undefined ? 'max-length' : 'max-length-bytes'

/** Looking at what lies in a queue counts as a delivery. */
const isForLooks = (limit: unknown): boolean => typeof limit === 'number' && limit > 1_000_000

const deliveries: Say = (promised, live) => {
  const [limit, wanted] = [live['delivery-limit'], promised['delivery-limit']]
  if (typeof limit === 'number') return grave(`a message is given up after ${limit} deliveries`)
  return isForLooks(wanted)
    ? grave('RabbitMQ 4 deletes what was looked at twenty times')
    : grave('a message that kills its process is not found out by RabbitMQ', othersGoOn)
}

const says: Readonly<Record<string, Say>> = {
  'message-ttl': tooOld,
  'max-length': overLimit('max-length', 'messages'),
  'max-length-bytes': overLimit('max-length-bytes', 'bytes'),
  expires: (_, live) => grave(`the queue is deleted when unused for ${time(live.expires)}`),
  overflow: (promised, live) => says[limitIn(live)]?.(promised, live) ?? grave('a full queue drops'),
  'dead-letter-exchange': withDeadLetters('what RabbitMQ gives up goes elsewhere'),
  'dead-letter-routing-key': withDeadLetters('dead letters get another routing key'),
  'dead-letter-strategy': withDeadLetters('a dead letter can be lost on its way'),
  'delivery-limit': deliveries,
  'max-age': (promised, live) =>
    harmless(`the journal keeps ${live['max-age'] ?? 'everything'} instead of ${promised['max-age']}`),
}

/** What follows from a setting that is `live` and other than promised. Pure. */
export const effectOf = (setting: string, promised: Settings, live: Settings): SettingResult =>
  says[setting]?.(promised, live) ??
  harmless(`${setting} is ${live[setting] ?? 'not set'} instead of ${promised[setting] ?? 'not set'}`)
