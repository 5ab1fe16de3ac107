import type { SubjectId } from '../contract/ids.ts'
import type { Saga } from '../contract/saga.ts'
import type { Publisher } from '../messaging/broker.ts'
import type { BrowseQueue } from '../messaging/queue-browser.ts'
import type { Random } from '../runtime/random.ts'
import type { Log } from '../runtime/telemetry/log.ts'
import type { Clock } from '../runtime/time/clock.ts'
import type { Service } from '../saga/define/service.ts'
import type { SagaDocument } from '../saga/document/document.ts'

/**
 * Reads what a service has on record of a subject; it writes nothing. @throws SagaError `store-unavailable`
 */
export type ReadDocument = (service: string, subject: SubjectId) => Promise<SagaDocument | undefined>

/** Reads the documents of a service whose call is stuck, the longest one first. @throws SagaError `store-unavailable` */
export type ReadStuck = (service: string, limit: number) => Promise<readonly SagaDocument[]>

/** What an operator works with. Everything that has an effect is a port. */
export type Operations = {
  readonly saga: Saga
  readonly browseQueue: BrowseQueue
  /** Publishes as the operator, who may write to an inbox. */
  readonly publisher: () => Publisher
  readonly document: ReadDocument
  readonly stuck: ReadStuck
  /** The services by their rules; nothing of theirs is ever performed. */
  readonly services: readonly Service[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
