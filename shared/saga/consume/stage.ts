import type { Publisher } from '../../messaging/broker.ts'
import type { SagaContext } from '../context.ts'
import type { AttemptResult, Disposition, RetryPolicy } from './disposition.ts'
import type { PerSubjectQueue } from './per-subject-queue.ts'
import type { ReceivedEvent } from './received-event.ts'

/** What the stages of the pipeline work with. */
export type DeliveryHandler<S = unknown> = {
  readonly context: SagaContext<S>
  readonly publisher: Publisher
  readonly perSubject: PerSubjectQueue
  readonly retryPolicy: RetryPolicy
}

/** Says what one attempt at an event came to. */
export type Attempt = (received: ReceivedEvent) => Promise<AttemptResult>

/** What an attempt came to, and what happens to the message because of it. */
export type ProcessedAttempt = { readonly result: AttemptResult; readonly disposition: Disposition }
