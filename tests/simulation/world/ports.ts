import type { PaymentProvider } from '../../../services/payment/provider.ts'
import type { Carrier } from '../../../services/shipping/carrier.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { DoneCache, Store } from '../../../shared/saga/document/store.ts'
import type { memoryDoneCache } from '../../../shared/storage/memory/store.ts'
import type { Owner, Schedule } from './schedule.ts'

/** What a checker wants to know as soon as it happened. */
export type Watch = {
  written(service: string, orderId: string): void
  conflict(service: string): void
  stockWritten(): void
  paid(): void
  seenDone(service: string): void
}

export const storeAway = (what: string) => () => new SagaError('store-unavailable', what)
const providerAway = (what: string) => () => new SagaError('provider-unavailable', what)

/** A store whose every call waits for its turn, and may fail with its outcome unknown. */
export const simulatedStore = (
  schedule: Schedule,
  owner: Owner,
  service: string,
  store: Store<unknown>,
  watch: Watch,
): Store<unknown> => {
  const about = (port: string, order: string, text: () => string) => ({
    port,
    text,
    key: `${owner.name}|${order}`,
    unknown: storeAway(port),
  })
  return {
    load: id =>
      schedule.call(
        owner,
        about('load', id, () => `reads ${short(id)}`),
        () => store.load(id),
      ),
    commit: (document, change) => {
      const text = () => `writes ${short(document.subject)} v${document.version + 1} ${describe(change)}`
      return schedule.call(owner, about('commit', document.subject, text), async () => {
        const outcome = await store.commit(document, change)
        if (outcome === 'committed') watch.written(service, document.subject)
        else watch.conflict(service)
        return outcome
      })
    },
    clearUnsent: (id, ids) =>
      schedule.call(
        owner,
        about('clearUnsent', id, () => `takes the marks of ${short(id)} away`),
        () => store.clearUnsent(id, ids),
      ),
    unsent: page =>
      schedule.call(
        owner,
        about('unsent', '', () => 'lists what is unsent'),
        () => store.unsent(page),
      ),
    due: (now, limit) =>
      schedule.call(
        owner,
        about('due', '', () => 'lists what is due'),
        () => store.due(now, limit),
      ),
    stuck: limit =>
      schedule.call(
        owner,
        about('stuck', '', () => 'lists what is stuck'),
        () => store.stuck(limit),
      ),
    tryWrite: () =>
      schedule.call(
        owner,
        about('tryWrite', '', () => 'tries whether a write is taken'),
        () => store.tryWrite(),
      ),
    countDue: range =>
      schedule.call(
        owner,
        about('countDue', '', () => 'counts what is due in a while'),
        () => store.countDue(range),
      ),
  }
}

export const short = (id: string) => `order …${id.slice(-3)}`

const describe = (change: Parameters<Store['commit']>[1]): string => {
  const parts = [
    ...(change.events ?? []).map(({ type, id }) => `${type} (${id.split(':').slice(1).join(':')})`),
    ...Object.entries(change.inbox ?? {}).map(
      ([id, { outcome }]) => `${id.split(':').slice(1).join(':')} is ${outcome}`,
    ),
    ...(change.token === undefined ? [] : [`token ${change.token}`]),
    ...(change.intent === undefined
      ? []
      : [change.intent === null ? 'no open call' : intentText(change.intent)]),
    ...((change.unsent ?? []).length > 0 ? ['marked unsent'] : []),
  ]
  return parts.join(', ')
}

const intentText = ({ due }: { due?: number | undefined }) =>
  due === undefined ? 'open call' : 'background call'

/** Redis: it never fails, and it may have forgotten. */
export const simulatedCache = (
  schedule: Schedule,
  owner: Owner,
  service: string,
  cache: ReturnType<typeof memoryDoneCache>,
  watch: Watch,
  noted: Map<string, Set<string>>,
): DoneCache => ({
  isDone: id =>
    schedule.call(
      owner,
      {
        port: 'isDone',
        key: `${owner.name}|${id.slice(0, 30)}`,
        text: () => `asks whether ${tail(id)} is done`,
      },
      async () => {
        const done = await cache.isDone(id)
        if (done) watch.seenDone(service)
        return done
      },
    ),
  markDone: id =>
    schedule.call(
      owner,
      {
        port: 'markDone',
        key: `${owner.name}|${id.slice(0, 30)}`,
        text: () => `notes that ${tail(id)} is done`,
      },
      () => {
        noted.set(service, (noted.get(service) ?? new Set()).add(id))
        return cache.markDone(id)
      },
    ),
})

const tail = (id: string) => id.split(':').slice(1).join(':')

export const simulatedPaymentPort = (
  schedule: Schedule,
  owner: Owner,
  provider: PaymentProvider,
  watch: Watch,
): PaymentProvider => {
  const about = (port: string, order: string) => ({
    port,
    key: `${owner.name}|${order}`,
    text: () => `${port}s ${short(order)}`,
    unknown: providerAway(port),
  })
  const told = <T>(answer: T): T => {
    watch.paid()
    return answer
  }
  return {
    charge: call =>
      schedule.call(owner, about('charge', call.orderId), () => provider.charge(call).then(told)),
    refund: call =>
      schedule.call(owner, about('refund', call.orderId), () => provider.refund(call).then(told)),
  }
}

export const simulatedCarrierPort = (
  schedule: Schedule,
  owner: Owner,
  carrier: Carrier,
  watch: Watch,
): Carrier => ({
  schedule: call =>
    schedule.call(
      owner,
      {
        port: 'ship',
        key: `${owner.name}|${call.orderId}`,
        text: () => `books the parcel of ${short(call.orderId)}`,
        unknown: providerAway('carrier'),
      },
      () =>
        carrier.schedule(call).then(answer => {
          watch.paid()
          return answer
        }),
    ),
})
