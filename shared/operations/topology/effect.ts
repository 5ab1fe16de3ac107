import { formatDuration } from '../../runtime/text/format.ts'

type Settings = Readonly<Record<string, unknown>>

/** What a setting that is other than promised does; `grave`: a promise does not hold because of it. */
export type SettingResult = { readonly effect: string; readonly grave: boolean }

const grave = (effect: string): SettingResult => ({ effect, grave: true })
const harmless = (effect: string): SettingResult => ({ effect, grave: false })

const nothingLost = 'that nothing is lost does not hold'
const othersGoOn = 'that nothing stands in the way of others does not hold'

/** Time to live and expiry are milliseconds. */
const time = (ms: unknown): string => (typeof ms !== 'number' || ms < 1_000 ? `${ms} ms` : formatDuration(ms))

type Say = (promised: Settings, live: Settings) => SettingResult

const overLimit =
  (setting: string, unit: string): Say =>
  (promised, live) => {
    const [limit, wanted] = [live[setting], promised[setting]]
    if (typeof limit !== 'number' || (typeof wanted === 'number' && limit > wanted))
      return grave(
        `publishers are not refused above ${wanted} ${unit}: that the disk stays free does not hold`,
      )
    return live.overflow === 'reject-publish'
      ? grave(`above ${limit} ${unit} publishers are refused: ${othersGoOn}`)
      : grave(`above ${limit} ${unit} the oldest are dropped: ${nothingLost}`)
  }

const tooOld: Say = (promised, live) => {
  const age = live['message-ttl']
  if (promised['message-ttl'] !== undefined)
    return harmless(
      `what waits for its next attempt waits ${time(age)} instead of ${time(promised['message-ttl'])}`,
    )
  return live['dead-letter-exchange'] === undefined
    ? grave(`events older than ${time(age)} are dropped: ${nothingLost}`)
    : grave(`events older than ${time(age)} become dead letters: that it ends by itself does not hold`)
}

/** Without an exchange for dead letters there is nothing else to say about them. */
const withDeadLetters =
  (effect: string): Say =>
  (_, live) =>
    live['dead-letter-exchange'] === undefined
      ? grave(`what RabbitMQ gives up is deleted instead of dead-lettered: ${nothingLost}`)
      : grave(effect)

/** What is over a limit is dropped or refused: said with the limit. */
const limitIn = (live: Settings): string =>
  live['max-length-bytes'] === undefined ? 'max-length' : 'max-length-bytes'

const says: Readonly<Record<string, Say>> = {
  'message-ttl': tooOld,
  'max-length': overLimit('max-length', 'messages'),
  'max-length-bytes': overLimit('max-length-bytes', 'bytes'),
  expires: (_, live) => grave(`the queue is deleted when unused for ${time(live.expires)}: ${nothingLost}`),
  overflow: (promised, live) =>
    says[limitIn(live)]?.(promised, live) ?? grave(`a full queue drops: ${nothingLost}`),
  'dead-letter-exchange': withDeadLetters(`what RabbitMQ gives up goes elsewhere: ${nothingLost}`),
  'dead-letter-routing-key': withDeadLetters(`dead letters get another routing key: ${nothingLost}`),
  'dead-letter-strategy': withDeadLetters(`a dead letter can be lost on its way: ${nothingLost}`),
  'delivery-limit': (promised, live) =>
    typeof live['delivery-limit'] === 'number'
      ? grave(
          `a message is given up after ${live['delivery-limit']} deliveries instead of ${promised['delivery-limit']}: ${nothingLost}`,
        )
      : grave(`a message that kills its process is not found out by RabbitMQ: ${othersGoOn}`),
  'max-age': (promised, live) =>
    harmless(`the journal keeps ${live['max-age'] ?? 'everything'} instead of ${promised['max-age']}`),
}

/** What follows from a setting that is `live` and other than promised. Pure. */
export const effectOf = (setting: string, promised: Settings, live: Settings): SettingResult =>
  says[setting]?.(promised, live) ??
  harmless(`${setting} is ${live[setting] ?? 'not set'} instead of ${promised[setting] ?? 'not set'}`)
