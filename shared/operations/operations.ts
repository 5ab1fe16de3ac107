import type { SubjectId } from '../contract/ids.ts'
import type { Saga } from '../contract/saga.ts'
import type { Publisher } from '../messaging/broker.ts'
import type { WalkThrough } from '../messaging/walk.ts'
import type { SagaDocument } from '../persistence/document.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { Random } from '../runtime/random.ts'
import type { Service } from '../saga/service.ts'

/** Reads what a service has on record of a subject; it writes nothing. @throws SagaError `store-unavailable` */
export type ReadDocument = (service: string, subject: SubjectId) => Promise<SagaDocument | undefined>

/** What an operator works with. Everything that has an effect is a port. */
export type Operations = {
  readonly saga: Saga
  readonly walkThrough: WalkThrough
  /** Publishes as the operator, who may write to an inbox. */
  readonly publisher: () => Publisher
  readonly document: ReadDocument
  /** The services by their rules; nothing of theirs is ever performed. */
  readonly services: readonly Service[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
