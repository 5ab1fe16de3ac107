import type { Event } from '../contract/event.ts'
import type { Publisher } from '../messaging/broker.ts'
import type { Met, Walk } from '../messaging/walk.ts'
import { sleep } from '../runtime/clock.ts'
import { codeOf, SagaError } from '../runtime/errors.ts'
import { walkLetters } from './dead-letters.ts'
import { type Forecast, forecast } from './forecast.ts'
import { contentOf, type Letter, letterOf } from './letter.ts'
import { type LetterFilter, matches } from './letter-filter.ts'
import type { Operations } from './operations.ts'
import { sendAgain } from './send-again.ts'

export type ReplayOptions = {
  /** At most so many letters. */
  readonly limit?: number
  /** At most so many letters per second. */
  readonly rate?: number
  /** Sends nothing, and tells what would happen. */
  readonly dryRun?: boolean
  /** Sends also what cannot be decoded: it only comes back, unless its service has learnt to read it. */
  readonly force?: boolean
  /** Aborting it ends the replay after the letter in hand. */
  readonly signal?: AbortSignal
  /** Hears of every letter as it is done. */
  readonly onLetter?: (replayed: Replayed) => void
}

/** What became of a letter, or in a dry run would. */
export type Replayed =
  | { readonly letter: Letter; readonly did: 'replayed' }
  /** It cannot be decoded, and `force` sends it all the same; or it is forged, and nothing does. */
  | { readonly letter: Letter; readonly did: 'refused'; readonly reason: string }
  | { readonly letter: Letter; readonly did: 'forecast'; readonly forecasts: readonly Forecast[] }

export type ReplayReport = {
  readonly service: string
  /** The re-send ids of this replay begin with it. */
  readonly run: string
  /** How many letters lay there when it began. */
  readonly found: number
  readonly letters: readonly Replayed[]
  /** Why it ended before the last letter; what it had not done still lies there. */
  readonly stopped?: string
}

type Run = {
  readonly world: Operations
  readonly service: string
  readonly filter: LetterFilter
  readonly options: ReplayOptions
  readonly run: string
  readonly publisher: Publisher | undefined
  readonly done: Replayed[]
}

/**
 * Sends dead letters to their inbox again (protocol, rule 6): each alone, under a re-send id of its own, confirmed, and only then taken out.
 * What was applied after all only has its consequences sent again, so that ending it anywhere and repeating it are safe.
 * It comes to what lay there when it began, each once: a letter that fails again stays for the next replay. One replay at a time per service.
 * @throws SagaError `replay-running`, `broker-unavailable`, `broker-refused` before anything was sent; later they end the replay as `stopped`
 */
export const replay = async (
  world: Operations,
  service: string,
  filter: LetterFilter = {},
  options: ReplayOptions = {},
): Promise<ReplayReport> => {
  const walk = await walkLetters(world, service)
  const publisher = options.dryRun ? undefined : world.publisher()
  const run: Run = {
    ...{ world, service, filter, options, publisher, done: [] },
    run: `replay-${world.random.id()}`,
  }
  try {
    const stopped = await replayAll(run, walk)
    return {
      ...{ service, run: run.run, found: walk.total, letters: run.done },
      ...(stopped !== undefined && { stopped }),
    }
  } finally {
    // Publishes are confirmed by now; removals go out with the end of the walk.
    await walk.end()
    await publisher?.close(1_000)
  }
}

const replayAll = async (run: Run, walk: Walk): Promise<string | undefined> => {
  const { limit = Number.POSITIVE_INFINITY, signal } = run.options
  try {
    for (let count = 0; count < limit; ) {
      if (signal?.aborted) return 'aborted'
      const met = await walk.next()
      if (!met) return undefined
      const replayed = await replayOne(run, met)
      if (!replayed) continue
      count += 1
      run.done.push(replayed)
      run.options.onLetter?.(replayed)
      if (replayed.did === 'replayed' && count < limit) await pace(run)
    }
    return undefined
  } catch (error) {
    run.world.log.warn('a replay stopped', { service: run.service, run: run.run, code: codeOf(error) })
    return codeOf(error)
  }
}

/** Undefined when the letter is not meant, or is one that this replay itself has brought here. */
const replayOne = async (run: Run, met: Met): Promise<Replayed | undefined> => {
  const { world, service, filter, options, publisher } = run
  const letter = letterOf(world.saga, service, met, world.clock.now())
  if (!matches(filter, letter) || letter.resend?.startsWith(run.run)) return undefined
  const reason = refusalOf(letter, options)
  if (reason !== undefined) return { letter, did: 'refused', reason }
  if (!publisher) return { letter, did: 'forecast', forecasts: await forecasts(run, met) }
  await sendAgain(world, publisher, { service, met, resend: `${run.run}.${run.done.length + 1}` })
  met.remove()
  world.log.info('replayed', { service, messageId: letter.messageId, type: letter.type, run: run.run })
  return { letter, did: 'replayed' }
}

/** Under the key of an inbox a service believes what it gets, so what its owner did not send is never sent on, forced or not. */
const refusalOf = ({ poison, forged }: Letter, { force }: ReplayOptions): string | undefined =>
  forged ? 'event-forged' : force ? undefined : poison

const forecasts = ({ world, service }: Run, met: Met): Promise<Forecast[]> =>
  Promise.all(contentOf(world.saga, met).events.map(event => forecastOf(world, service, event)))

const forecastOf = async (world: Operations, name: string, event: Event): Promise<Forecast> => {
  const service = world.services.find(one => one.name === name)
  if (!service) throw new SagaError('event-unknown', `no rules of ${name} are known here`, { retry: 'never' })
  const document = await world.document(name, event.subject)
  return forecast(service, event, document)
}

const pace = ({ world, options: { rate, signal } }: Run): Promise<void> =>
  rate === undefined ? Promise.resolve() : sleep(world.clock, 1_000 / rate, signal)
