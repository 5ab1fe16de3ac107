import type { Definitions } from '../../messaging/topology/definitions.ts'
import { settingsInForce } from './in-force.ts'
import type { LiveTopology } from './live-topology.ts'

/** How near a queue is to its limit. */
export type FillReading = {
  readonly queue: string
  /** 1 is full; undefined when nobody can tell. */
  readonly share: number | undefined
  /** The limit that it is nearest to, in words. */
  readonly limit: string
  /** Whether a full queue refuses what is published, for all queues that would get it; else it drops. */
  readonly refuses: boolean
}

/** From here on somebody should look, and from here on soon. */
export const fillLevels = { half: 0.5, nearly: 0.8 } as const

/** Every queue that has a limit, by what is in force. A stream only forgets what is old. Pure. */
export const fillsOf = (live: LiveTopology): readonly FillReading[] =>
  (live.definitions.queues ?? []).flatMap(queue => {
    const isStream = (queue.arguments as Record<string, unknown> | undefined)?.['x-queue-type'] === 'stream'
    return isStream ? [] : (fillIn(live, queue) ?? [])
  })

const fillIn = (live: LiveTopology, queue: Definitions[string][number]): FillReading | undefined => {
  const name = `${queue.name}`
  const { settings } = settingsInForce(live, queue, name)
  const reading = live.queues.find(one => one.name === name)
  const limits = [
    { unit: 'messages', most: settings['max-length'], now: reading?.ready },
    { unit: 'bytes', most: settings['max-length-bytes'], now: reading?.bytes },
  ].flatMap(({ unit, most, now }) => {
    const share = typeof most !== 'number' || now === undefined ? undefined : shareOf(now, most)
    return typeof most === 'number'
      ? [{ limit: `${now ?? 'an unknown number'} of ${most} ${unit}`, share }]
      : []
  })
  const [nearest] = limits.toSorted((a, b) => (b.share ?? -1) - (a.share ?? -1))
  return nearest && { queue: name, refuses: settings.overflow === 'reject-publish', ...nearest }
}

/** A limit of nothing is reached by nothing. */
const shareOf = (now: number, most: number): number => (most === 0 ? 1 : now / most)

/** `full (9 of 9 messages)`, or how many per cent. Pure. */
export const fillText = ({ share, limit }: FillReading): string => {
  if (share === undefined) return `filled to an unknown part (${limit})`
  return share >= 1 ? `full (${limit})` : `${Math.floor(share * 100)} % full (${limit})`
}
