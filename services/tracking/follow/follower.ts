import type { Journal, JournalMessage, JournalReader } from '../../../shared/messaging/journal.ts'
import { reportOf } from '../../../shared/runtime/error-report.ts'
import { backoff, type Random } from '../../../shared/runtime/random.ts'
import { logFailure } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { type Clock, sleep } from '../../../shared/runtime/time/clock.ts'
import type { OrderId } from '../../contract/ids.ts'
import type { TrackedOrder } from '../domain.ts'
import type { Entry } from '../entry.ts'
import { addEntries } from '../store/apply.ts'
import type { ReadModel, ReadModels } from '../store/read-model.ts'
import { writeThrough } from '../store/write-through.ts'
import { type Bookmark, keepBookmark } from './bookmark.ts'
import { type Reading, readMessage } from './entries.ts'
import { paceAfter } from './pace.ts'
import { beginningOf, type Progress, progressAfter } from './progress.ts'

/** What following the journal works with. */
export type FollowerOptions = {
  readonly models: ReadModels<TrackedOrder>
  readonly journal: Journal
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Hears which orders have something new, once it can be read. */
  readonly onApplied: (orderIds: readonly OrderId[]) => void
  /** Hears of each event that cannot be read, or not its data. */
  readonly onUnreadable: () => void
}

/** Brings one generation of the read model up to the journal, and keeps it there. */
export type Follower = {
  readonly generation: number
  /** True while the journal is read. */
  readonly reading: boolean
  /** True when everything in the journal is applied, and that is on record. */
  readonly atEnd: boolean
  /** The offset of the last message that was applied. */
  readonly offset: number | undefined
  /** Up to when the generation is known to be complete (ms); undefined when it never was and has nothing. */
  asOf(): number | undefined
  stop(): Promise<void>
}

/** Messages that are applied together at most; a rebuild takes as many each time. */
const batchSize = 1_024
/**
 * Orders that are not read again when they go on; those that are under way at once, at a thousand a second.
 */
const rememberedOrders = 4_096
const delays = { base: 250, cap: 5_000 }

export const modelName = (generation: number): string => `orders_${generation}`
export const positionName = (generation: number): string => `position_${generation}`

type State = {
  readonly following: FollowerOptions
  readonly generation: number
  readonly reader: JournalReader
  readonly stopping: AbortController
  readonly model: ReadModel<TrackedOrder>
  readonly bookmark: Bookmark
  progress: Progress | undefined
  busy: boolean
  completeAt: number | undefined
}

/**
 * Goes on where the generation was left, or begins at the start of the journal. What a release before could
 * not read is read again.
 * @throws SagaError `store-unavailable`
 */
export const startFollower = async (following: FollowerOptions, generation: number): Promise<Follower> => {
  const { models, journal, log } = following
  await models.prepare(modelName(generation))
  const stored = await models.register.read(positionName(generation))
  const left = (stored?.value ?? undefined) as Progress | undefined
  const progress = beginningOf(left)
  if (progress !== left) log.info('what a release before could not read is read again', { generation })
  const onBreak = (kind: 'made-anew' | 'cut-off') => log.warn(breaks[kind], { generation })
  const reader = journal.open({ after: progress, onBreak })
  const model = writeThrough(models.model(modelName(generation)), rememberedOrders)
  const put = (to: Progress | undefined) => models.register.put(positionName(generation), to)
  const state: State = {
    ...{ following, generation, reader, model, progress, busy: false, completeAt: undefined },
    ...{ stopping: new AbortController(), bookmark: keepBookmark({ ...following, generation }, put) },
  }
  const ended = run(state)
  return handleOf(state, ended)
}

const breaks = {
  'made-anew': 'the journal was made anew and is read from its start; what is known stays',
  'cut-off':
    'the journal no longer has what came next: its oldest part is gone by age, and events are missing here',
}

const handleOf = (state: State, ended: Promise<void>): Follower => {
  const { reader, generation } = state
  // Whoever learns that the end is reached may rely on its time from then on.
  const isAtEnd = () => {
    const atEnd = reader.atEnd && !state.busy
    if (atEnd) state.completeAt = state.following.clock.now()
    return atEnd
  }
  return {
    generation,
    get reading() {
      return reader.reading
    },
    get atEnd() {
      return isAtEnd() && state.bookmark.onRecord
    },
    get offset() {
      return state.progress?.offset
    },
    asOf: () => {
      const now = state.following.clock.now()
      if (isAtEnd()) return now
      const known = [state.completeAt, state.progress?.newestAt].filter(at => at !== undefined)
      return known.length === 0 ? undefined : Math.min(now, Math.max(...known))
    },
    stop: async () => {
      state.stopping.abort()
      await reader.close()
      await ended
      await state.bookmark.close()
    },
  }
}

const run = async (state: State): Promise<void> => {
  const { reader, stopping, following } = state
  let notBefore = 0
  while (!stopping.signal.aborted) {
    const messages = await reader.take(batchSize, notBefore)
    if (messages.length === 0) continue
    const beganAt = following.clock.monotonic()
    state.busy = true
    await applyUntilDone(state, messages)
    state.busy = false
    notBefore = beganAt + paceAfter(following.clock.monotonic() - beganAt)
  }
}

/** Holds what it has until the store takes it: the bookmark moves only after everything that it covers. */
const applyUntilDone = async (state: State, messages: readonly JournalMessage[]): Promise<void> => {
  const { clock, random, log } = state.following
  const batch = batchOf(state, messages)
  for (let attempt = 0; !state.stopping.signal.aborted; attempt++) {
    try {
      await apply(state, batch)
      if (attempt > 0) log.info('the read model is written again', { generation: state.generation })
      return
    } catch (error) {
      if (attempt === 0) logFailure(log, 'the read model waits for its store', reportOf(error))
      await sleep(clock, backoff(random, attempt, delays), state.stopping.signal)
    }
  }
}

type Batch = {
  readonly additions: ReadonlyMap<OrderId, readonly Entry[]>
  readonly progress: Progress | undefined
}

const batchOf = (state: State, messages: readonly JournalMessage[]): Batch => {
  const additions = new Map<OrderId, Entry[]>()
  let { progress } = state
  for (const message of messages) {
    const reading = readMessage(message)
    for (const { orderId, entry } of reading.told) {
      const entries = additions.get(orderId)
      if (entries) entries.push(entry)
      else additions.set(orderId, [entry])
    }
    sayUnread(state.following, message, reading)
    progress = progressAfter(progress, message, reading)
  }
  return { additions, progress }
}

const sayUnread = (
  { log, onUnreadable }: FollowerOptions,
  { offset, messageId }: JournalMessage,
  { told, unreadable }: Reading,
): void => {
  for (const { code, error } of unreadable) {
    log.warn('an event of the journal cannot be read and is left out', { offset, messageId, code, error })
    onUnreadable()
  }
  for (const { entry, orderId } of told) {
    if (entry.newer === undefined) continue
    const { id: eventId, type: eventType, newer: version } = entry
    log.warn('an event of the journal is newer than this release: its data are left out', {
      ...{ offset, orderId, eventId, eventType, version },
    })
    onUnreadable()
  }
}

const apply = async (state: State, { additions, progress }: Batch): Promise<void> => {
  const { log, onApplied } = state.following
  await addEntries(state.model, additions, log)
  state.progress = progress
  state.bookmark.move(progress)
  onApplied([...additions.keys()])
}
