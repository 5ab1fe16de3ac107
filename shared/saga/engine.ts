import type { Broker, Publisher } from '../messaging/broker.ts'
import { inboxOf } from '../messaging/topology/names.ts'
import type { BatchLimits, Defer } from '../runtime/coalesce.ts'
import { SagaError } from '../runtime/errors.ts'
import { type BackgroundWork, backgroundWork } from '../runtime/lifecycle/background.ts'
import type { StopStep } from '../runtime/lifecycle/drain.ts'
import type { Random } from '../runtime/random.ts'
import type { Log } from '../runtime/telemetry/log.ts'
import type { Clock } from '../runtime/time/clock.ts'
import { type Periodic, periodically } from '../runtime/time/periodic.ts'
import { concurrencyLimit } from './consume/concurrency-limit.ts'
import type { RetryPolicy } from './consume/disposition.ts'
import { handleDelivery } from './consume/handle-delivery.ts'
import { type InboxConsumer, openInboxConsumer } from './consume/inbox-consumer.ts'
import { perSubjectQueue } from './consume/per-subject-queue.ts'
import type { ReportNotice, SagaContext } from './context.ts'
import type { Service } from './define/service.ts'
import { recentDocuments } from './document/recent-documents.ts'
import type { DoneCache, Store } from './document/store.ts'
import { tracedPublish } from './observe/message-spans.ts'
import { type Observer, unobserved } from './observe/observer.ts'
import { pausesOf } from './pauses.ts'
import { dueSweep } from './process/due-sweep.ts'
import { sweepUnsent } from './process/sweep.ts'
import { eventPublisher } from './publish/event-publisher.ts'
import { noticePublisher } from './publish/notice-publisher.ts'

/** The world of one instance of one service. Every member is a port or a number. */
export type EngineOptions<S> = {
  readonly service: Service<S>
  readonly broker: Broker
  readonly store: Store<S>
  readonly done: DoneCache
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly prefetch: number
  readonly retryPolicy: RetryPolicy
  /**
   * How many events one instance works on at once, calls outside that go on without their message included
   * (4,096 unless set).
   */
  readonly maxConcurrency?: number
  /** Who counts what it does; nobody unless set. */
  readonly observer?: Observer
  /** Where notices go; to the journal unless set. */
  readonly reportNotice?: ReportNotice
  /**
   * How its publishes share messages, and who runs its sweeps and deferred tasks; a simulation owns these.
   */
  readonly batchLimits?: BatchLimits
  readonly defer?: Defer
  readonly periodically?: typeof periodically
  /**
   * Ends calls outside that are still open when the instance stops; each is on record and goes on elsewhere.
   */
  readonly hangUp?: () => void
}

/**
 * What an instance is doing at this moment: its connections, and how many calls outside go on without their
 * message.
 */
export type EngineState = {
  readonly connected: boolean
  readonly blocked: boolean
  readonly consuming: boolean
  readonly paused: boolean
  readonly openCalls: number
}

export type Engine<S> = {
  readonly context: SagaContext<S>
  /** True while it can hear and speak. */
  ready(): boolean
  state(): EngineState
  /** What stopping takes, in order; nothing that was begun is left half done. */
  readonly stopSteps: readonly StopStep[]
}

const unsentSweep = { everyMs: 5_000, minAgeMs: 5_000 }
const flushMs = 5_000
/** Enough for what is under way between two events of a saga; each is some kilobytes. */
const keptDocuments = 4_096

const canPublish = (publisher: Publisher): boolean => publisher.connected && !publisher.blocked

/** Resolves when an event could be handled: the store takes writes, and what comes of it can go somewhere. */
const canWork = async <S>(store: Store<S>, publisher: Publisher): Promise<void> => {
  await store.tryWrite()
  if (!canPublish(publisher)) throw new SagaError('broker-unavailable', 'nothing can be published now')
}

/** Starts an instance: it consumes its inbox, sweeps what no message will bring back, and stops cleanly. */
export const startEngine = <S>(options: EngineOptions<S>): Engine<S> => {
  const { service, broker, clock, random, log, observer = unobserved } = options
  const { saga } = service
  const due = dueSweep(clock)
  const store = due.noting(options.store)
  const publisher = broker.publisher()
  const later = backgroundWork()
  const context: SagaContext<S> = {
    service,
    store,
    clock,
    random,
    log,
    done: options.done,
    publish: tracedPublish(saga, eventPublisher(saga, publisher, options)),
    observer,
    reportNotice: options.reportNotice ?? noticePublisher(saga, publisher, { clock, log, observer }),
    background: later.add,
    openCalls: new Map(),
    backgroundCalls: new Set(),
    concurrency: concurrencyLimit(options.maxConcurrency ?? 4_096),
    recentDocuments: recentDocuments(keptDocuments),
    pauses: pausesOf(options, keptDocuments),
  }
  const handler = { context, publisher, perSubject: perSubjectQueue(), retryPolicy: options.retryPolicy }
  const inbox = openInboxConsumer({
    broker,
    clock,
    random,
    log,
    queue: inboxOf(service.name),
    prefetch: options.prefetch,
    take: handleDelivery(handler),
    probe: () => canWork(store, publisher),
  })
  const every = options.periodically ?? periodically
  const sweeps = [
    every(context, 'unsent', unsentSweep.everyMs, () => sweepUnsent(context, unsentSweep.minAgeMs)),
    due.start(context, every),
  ]
  const stopping = { inbox, sweeps, publisher, later, hangUp: options.hangUp }
  return { context, ...outlookOf(context, publisher, inbox), stopSteps: stopStepsOf(stopping) }
}

const outlookOf = (
  { backgroundCalls: detached }: Pick<SagaContext, 'backgroundCalls'>,
  publisher: Publisher,
  inbox: InboxConsumer,
): Pick<Engine<unknown>, 'ready' | 'state'> => ({
  ready: () => canPublish(publisher) && inbox.consuming(),
  state: () => ({
    connected: publisher.connected,
    blocked: publisher.blocked ?? false,
    consuming: inbox.consuming(),
    paused: inbox.paused(),
    openCalls: detached.size,
  }),
})

type Stopping = {
  readonly inbox: InboxConsumer
  readonly sweeps: readonly Periodic[]
  readonly publisher: Publisher
  readonly later: BackgroundWork
  readonly hangUp: (() => void) | undefined
}

const stopStepsOf = ({ inbox, sweeps, publisher, later, hangUp }: Stopping): readonly StopStep[] => [
  { name: 'stop consuming', run: () => inbox.drain() },
  {
    name: 'stop sweeping',
    run: () => Promise.all(sweeps.map(sweep => sweep.stop())).then(() => undefined),
  },
  { name: 'hang up', run: () => hangUp?.() },
  { name: 'finish', run: () => later.idle() },
  { name: 'flush acks', run: () => inbox.close() },
  { name: 'flush confirms', run: () => publisher.close(flushMs) },
]
