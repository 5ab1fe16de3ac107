import type { Broker, Publisher } from '../messaging/broker.ts'
import { inboxOf } from '../messaging/names.ts'
import type { DoneCache, Store } from '../persistence/store.ts'
import { type Background, background } from '../runtime/background.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Defer, Sharing } from '../runtime/coalesce.ts'
import type { StopStep } from '../runtime/drain.ts'
import { SagaError } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { type Periodic, periodically } from '../runtime/periodic.ts'
import type { Random } from '../runtime/random.ts'
import { dueSweep } from './due-sweep.ts'
import { eventPublisher } from './event-publisher.ts'
import { inWork } from './in-work.ts'
import { type Inbox, openInbox } from './intake/inbox.ts'
import { takeIn } from './intake/intake.ts'
import { lanes } from './intake/lanes.ts'
import { tracedPublish } from './intake/message-spans.ts'
import type { Ladder } from './intake/settle.ts'
import type { Kernel, Tell } from './kernel.ts'
import { noticePublisher } from './notice-publisher.ts'
import { type Observer, unobserved } from './observer.ts'
import { pausesOf } from './pauses.ts'
import { recentDocuments } from './recent-documents.ts'
import type { Service } from './service.ts'
import { sweepUnsent } from './sweep.ts'

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
  readonly ladder: Ladder
  /** How many events one instance works on at once, calls outside that go on without their message included (4,096 unless set). */
  readonly maxInWork?: number
  /** Who counts what it does; nobody unless set. */
  readonly observer?: Observer
  /** Where notices go; to the journal unless set. */
  readonly tell?: Tell
  /** How its publishes share messages, and who runs its sweeps and deferred tasks; a simulation owns these. */
  readonly sharing?: Sharing
  readonly defer?: Defer
  readonly periodically?: typeof periodically
  /** Ends calls outside that are still open when the instance stops; each is on record and goes on elsewhere. */
  readonly hangUp?: () => void
}

/** What an instance is doing at this moment: its connections, and how many calls outside go on without their message. */
export type EngineState = {
  readonly connected: boolean
  readonly blocked: boolean
  readonly consuming: boolean
  readonly paused: boolean
  readonly openCalls: number
}

export type Engine<S> = {
  readonly kernel: Kernel<S>
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
  const later = background()
  const kernel: Kernel<S> = {
    service,
    store,
    clock,
    random,
    log,
    done: options.done,
    publish: tracedPublish(saga, eventPublisher(saga, publisher, options)),
    observer,
    tell: options.tell ?? noticePublisher(saga, publisher, { clock, log, observer }),
    background: later.add,
    calls: new Map(),
    detached: new Set(),
    inWork: inWork(options.maxInWork ?? 4_096),
    recent: recentDocuments(keptDocuments),
    pauses: pausesOf(options, keptDocuments),
  }
  const intake = { kernel, publisher, lanes: lanes(), ladder: options.ladder }
  const inbox = openInbox({
    broker,
    clock,
    random,
    log,
    queue: inboxOf(service.name),
    prefetch: options.prefetch,
    take: delivery => takeIn(intake, delivery),
    probe: () => canWork(store, publisher),
  })
  const every = options.periodically ?? periodically
  const sweeps = [
    every(kernel, 'unsent', unsentSweep.everyMs, () => sweepUnsent(kernel, unsentSweep.minAgeMs)),
    due.start(kernel, every),
  ]
  const stopping = { inbox, sweeps, publisher, later, hangUp: options.hangUp }
  return { kernel, ...outlookOf(kernel, publisher, inbox), stopSteps: stopStepsOf(stopping) }
}

const outlookOf = (
  { detached }: Pick<Kernel, 'detached'>,
  publisher: Publisher,
  inbox: Inbox,
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
  readonly inbox: Inbox
  readonly sweeps: readonly Periodic[]
  readonly publisher: Publisher
  readonly later: Background
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
