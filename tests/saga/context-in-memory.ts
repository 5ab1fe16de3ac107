import type { Payment } from '../../services/payment/domain.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import type { Notice } from '../../shared/contract/notice.ts'
import { backgroundWork } from '../../shared/runtime/lifecycle/background.ts'
import { concurrencyLimit } from '../../shared/saga/consume/concurrency-limit.ts'
import type { SagaContext } from '../../shared/saga/context.ts'
import { noCalls, type Service } from '../../shared/saga/define/service.ts'
import { recentDocuments } from '../../shared/saga/document/recent-documents.ts'
import { unobserved } from '../../shared/saga/observe/observer.ts'
import { pausesOf } from '../../shared/saga/pauses.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'
import { logInto } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'

/** One message that was published: its event, and the re-send id that it went under. */
export type Published = { readonly id: string; readonly type: string; readonly resend: string | undefined }

/**
 * What the protocol of the payment service works with, in memory, in a time that stands still, and without an
 * engine: for one part of the protocol at a time. `refuse` makes publishing fail, or work again.
 */
export const contextInMemory = (changes: Partial<Service<Payment>> = {}) => {
  const clock = manualClock(Date.UTC(2030, 0, 1))
  const random = seededRandom(1)
  const store = memoryStore<Payment>()
  const published: Published[] = []
  const notices: Notice[] = []
  const unsentCounts: number[] = []
  const background = backgroundWork()
  let refusal: Error | undefined
  const context: SagaContext<Payment> = {
    service: { ...paymentService(noCalls, 100), ...changes },
    ...{ store, clock, random, done: memoryDoneCache(), log: logInto([]), background: background.add },
    publish: async (events, resend) => {
      if (refusal) throw refusal
      published.push(...events.map(({ id, type }) => ({ id, type, resend })))
    },
    reportNotice: async notice => void notices.push(notice),
    observer: { ...unobserved, unsent: events => void unsentCounts.push(events) },
    ...{ openCalls: new Map(), backgroundCalls: new Set(), concurrency: concurrencyLimit(64) },
    ...{ recentDocuments: recentDocuments(64), pauses: pausesOf({ clock, random }, 64) },
  }
  return {
    ...{ context, clock, store, published, notices, unsentCounts },
    /** Resolves when nothing is done in the background any more. */
    idle: () => background.idle(),
    refuse: (error: Error | undefined) => {
      refusal = error
    },
  }
}
