import type { Event } from '../../contract/event.ts'
import type { Publisher } from '../../messaging/broker.ts'
import type { BrowsedMessage, QueueBrowser } from '../../messaging/queue-browser.ts'
import { deadLettersOf } from '../../messaging/topology/names.ts'
import { codeOf, SagaError } from '../../runtime/errors.ts'
import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import { sleep } from '../../runtime/time/clock.ts'
import type { Operations } from '../operations.ts'
import { namesOf, openDeadLetters } from './browse.ts'
import { contentOf, type DeadLetter, deadLetterOf } from './dead-letter.ts'
import { type DeadLetterFilter, matches } from './filter.ts'
import { type Forecast, forecast } from './forecast.ts'
import { resendDeadLetter } from './resend.ts'

export type ReplayOptions = {
  /** At most so many dead letters. */
  readonly limit?: number
  /** At most so many dead letters per second. */
  readonly rate?: number
  /** Sends nothing, and reports what would happen. */
  readonly dryRun?: boolean
  /** Sends also what cannot be decoded: it only comes back, unless its service has learnt to read it. */
  readonly force?: boolean
  /** Aborting it ends the replay after the dead letter in hand. */
  readonly signal?: AbortSignal
  /** Hears of every dead letter as it is done. */
  readonly onLetter?: (replayed: ReplayResult) => void
}

/** What became of a dead letter, or in a dry run would. */
export type ReplayResult =
  | { readonly deadLetter: DeadLetter; readonly did: 'replayed' }
  /** It cannot be decoded, and `force` sends it all the same; or it is forged, and nothing does. */
  | { readonly deadLetter: DeadLetter; readonly did: 'refused'; readonly reason: string }
  | { readonly deadLetter: DeadLetter; readonly did: 'forecast'; readonly forecasts: readonly Forecast[] }

export type ReplayReport = {
  readonly service: string
  /** The re-send ids of this replay begin with it. */
  readonly run: string
  /** How many dead letters lay there when it began. */
  readonly found: number
  readonly deadLetters: readonly ReplayResult[]
  /** The code of why it ended before the last dead letter; what it had not done still lies there. */
  readonly stopped?: string
  /** What ended it, unless it was aborted. */
  readonly error?: unknown
}

type Run = {
  readonly world: Operations
  readonly service: string
  readonly filter: DeadLetterFilter
  readonly options: ReplayOptions
  readonly run: string
  readonly publisher: Publisher | undefined
  readonly done: ReplayResult[]
}

/**
 * Sends dead letters to their inbox again (protocol, rule 6): each alone, under a re-send id of its own,
 * confirmed, and only then taken out. What was applied after all only has its consequences sent again, so
 * that ending it anywhere and repeating it are safe. It comes to what lay there when it began, each once: a
 * dead letter that fails again stays for the next replay. One replay at a time per service.
 * @throws SagaError `replay-running`, `broker-unavailable`, `broker-refused` before anything was sent; later
 * they end the replay as `stopped`
 */
export const replay = async (
  world: Operations,
  service: string,
  filter: DeadLetterFilter = {},
  options: ReplayOptions = {},
): Promise<ReplayReport> => {
  const browser = await openDeadLetters(world, service)
  const publisher = options.dryRun ? undefined : world.publisher()
  const run: Run = {
    ...{ world, service, filter, options, publisher, done: [] },
    run: `replay-${world.random.id()}`,
  }
  try {
    const stopped = await replayAll(run, browser)
    return {
      ...{ service, run: run.run, found: browser.total, deadLetters: run.done },
      ...stopped,
    }
  } finally {
    // Publishes are confirmed by now; removals go out with the end of the browser.
    await browser.end()
    await publisher?.close(1_000)
  }
}

const replayAll = async (
  run: Run,
  browser: QueueBrowser,
): Promise<Pick<ReplayReport, 'stopped' | 'error'>> => {
  const { limit = Number.POSITIVE_INFINITY, signal } = run.options
  try {
    for (let count = 0; count < limit; ) {
      if (signal?.aborted) return { stopped: 'aborted' }
      const message = await browser.next()
      if (!message) return {}
      const replayed = await replayOne(run, message)
      if (!replayed) continue
      count += 1
      run.done.push(replayed)
      run.options.onLetter?.(replayed)
      if (replayed.did === 'replayed' && count < limit) await pace(run)
    }
    return {}
  } catch (error) {
    run.world.log.warn('a replay stopped', {
      ...{ queue: deadLettersOf(run.service), replay: run.run },
      ...errorFields(error),
    })
    return { stopped: codeOf(error), error }
  }
}

/** Undefined when the dead letter is not meant, or is one that this replay itself has brought here. */
const replayOne = async (run: Run, message: BrowsedMessage): Promise<ReplayResult | undefined> => {
  const { world, service, filter, options, publisher } = run
  const deadLetter = deadLetterOf(world.saga, service, message, world.clock.now())
  if (!matches(filter, deadLetter) || deadLetter.resend?.startsWith(run.run)) return undefined
  const reason = refusalOf(deadLetter, options)
  if (reason !== undefined) return { deadLetter, did: 'refused', reason }
  if (!publisher) return { deadLetter, did: 'forecast', forecasts: await forecasts(run, message) }
  await resendDeadLetter(world, publisher, {
    service,
    met: message,
    resend: `${run.run}.${run.done.length + 1}`,
  })
  message.remove()
  world.log.info('replayed', { ...namesOf(service, deadLetter), replay: run.run })
  return { deadLetter, did: 'replayed' }
}

/**
 * Under the key of an inbox a service believes what it gets, so what its owner did not send is never sent on,
 * forced or not.
 */
const refusalOf = ({ poison, forged }: DeadLetter, { force }: ReplayOptions): string | undefined =>
  forged ? 'event-forged' : force ? undefined : poison

const forecasts = ({ world, service }: Run, message: BrowsedMessage): Promise<Forecast[]> =>
  Promise.all(contentOf(world.saga, message).events.map(event => forecastOf(world, service, event)))

const forecastOf = async (world: Operations, name: string, event: Event): Promise<Forecast> => {
  const service = world.services.find(one => one.name === name)
  if (!service) throw new SagaError('event-unknown', `no rules of ${name} are known here`, { retry: 'never' })
  const document = await world.document(name, event.subject)
  return forecast(service, event, document)
}

const pace = ({ world, options: { rate, signal } }: Run): Promise<void> =>
  rate === undefined ? Promise.resolve() : sleep(world.clock, 1_000 / rate, signal)
