import type { OrderId } from '../../shared/contract/ids.ts'
import type { Journal, JournalMessage, JournalReader } from '../../shared/messaging/journal.ts'
import type { ReadModels } from '../../shared/persistence/read-model.ts'
import { type Clock, sleep } from '../../shared/runtime/clock.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/log.ts'
import { backoff, type Random } from '../../shared/runtime/random.ts'
import { addEntries } from './apply.ts'
import type { Entry, TrackedOrder } from './domain.ts'
import { type Reading, readMessage } from './entries.ts'
import { beginningOf, type Progress, progressAfter } from './progress.ts'

/** What following the journal works with. */
export type Following = {
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
  /** True when everything in the journal is applied. */
  readonly atEnd: boolean
  /** The offset of the last message that was applied. */
  readonly offset: number | undefined
  /** Up to when the generation is known to be complete (ms); undefined when it never was and has nothing. */
  asOf(): number | undefined
  stop(): Promise<void>
}

const batchSize = 512
const delays = { base: 250, cap: 5_000 }

export const modelName = (generation: number): string => `orders_${generation}`
export const positionName = (generation: number): string => `position_${generation}`

type State = {
  readonly following: Following
  readonly generation: number
  readonly reader: JournalReader
  readonly stopping: AbortController
  progress: Progress | undefined
  busy: boolean
  completeAt: number | undefined
}

/**
 * Goes on where the generation was left, or begins at the start of the journal. What a release before could not read is read again.
 * @throws SagaError `store-unavailable`
 */
export const startFollower = async (following: Following, generation: number): Promise<Follower> => {
  const { models, journal, log } = following
  await models.prepare(modelName(generation))
  const stored = await models.register.read(positionName(generation))
  const left = (stored?.value ?? undefined) as Progress | undefined
  const progress = beginningOf(left)
  if (progress !== left) log.info('what a release before could not read is read again', { generation })
  const onBreak = (kind: 'made-anew' | 'cut-off') => log.warn(breaks[kind], { generation })
  const reader = journal.open({ after: progress, onBreak })
  const stopping = new AbortController()
  const state: State = {
    ...{ following, generation, reader, stopping, progress, busy: false, completeAt: undefined },
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
      return isAtEnd()
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
    },
  }
}

const run = async (state: State): Promise<void> => {
  const { reader, stopping } = state
  while (!stopping.signal.aborted) {
    const messages = await reader.take(batchSize)
    state.busy = messages.length > 0
    if (state.busy) await applyUntilDone(state, messages)
    state.busy = false
  }
}

/** Holds what it has until the store takes it: the position is written only after everything that it covers. */
const applyUntilDone = async (state: State, messages: readonly JournalMessage[]): Promise<void> => {
  const { clock, random, log } = state.following
  const batch = batchOf(state, messages)
  for (let attempt = 0; !state.stopping.signal.aborted; attempt++) {
    try {
      await apply(state, batch)
      if (attempt > 0) log.info('the read model is written again', { generation: state.generation })
      return
    } catch (error) {
      if (attempt === 0) log.warn('the read model waits for its store', { code: codeOf(error) })
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
    for (const { orderId, entry } of reading.told)
      additions.set(orderId, [...(additions.get(orderId) ?? []), entry])
    sayUnread(state.following, message, reading)
    progress = progressAfter(progress, message, reading)
  }
  return { additions, progress }
}

const sayUnread = (
  { log, onUnreadable }: Following,
  { offset, messageId }: JournalMessage,
  { told, unreadable }: Reading,
): void => {
  for (const code of unreadable) {
    log.warn('an event of the journal cannot be read and is left out', { offset, messageId, code })
    onUnreadable()
  }
  for (const { entry } of told.filter(({ entry }) => entry.newer !== undefined)) {
    const { id: event, type, newer: version } = entry
    log.warn('an event of the journal is newer than this release: its data are left out', {
      ...{ offset, event, type, version },
    })
    onUnreadable()
  }
}

const apply = async (state: State, { additions, progress }: Batch): Promise<void> => {
  const { models, log, onApplied } = state.following
  await addEntries(models.model(modelName(state.generation)), additions, log)
  await models.register.put(positionName(state.generation), progress)
  state.progress = progress
  onApplied([...additions.keys()])
}
