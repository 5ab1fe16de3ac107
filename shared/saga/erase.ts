import { erasedEvent } from '../contract/erasure.ts'
import { OrderId } from '../contract/ids.ts'
import { isKnown } from '../contract/on-record.ts'
import type { OrderDocument } from '../persistence/document.ts'
import { SagaError } from '../runtime/errors.ts'
import type { PrivateRoutes } from '../runtime/health.ts'
import { type Kernel, published } from './kernel.ts'

/** `open`: something may still need the data; `unknown`: there is no such order here. */
export type Erasure = 'erased' | 'open' | 'unknown'

const rounds = 20

/**
 * Replaces what is sensitive in all events of the order, in one guarded write. State stays the fold of the events, and what is sent again
 * later is sent in its erased form. Repeating it is harmless. @throws SagaError `store-unavailable`, `contended`, and `event-newer` when a
 * newer release recorded one of the events: what is sensitive in it is not known here
 */
export const erase = async <S>(kernel: Kernel<S>, orderId: OrderId): Promise<Erasure> => {
  for (let round = 0; round < rounds; round++) {
    const document = await kernel.store.load(orderId)
    if (!document) return 'unknown'
    if (!isAtRest(kernel, document)) return 'open'
    if (document.erasedAt !== undefined) return 'erased'
    const newer = published(document.events).find(event => !isKnown(event))
    if (newer) throw new SagaError('event-newer', `${newer.id} is ${newer.type} v${newer.version}`)
    const erasure = { events: document.events.map(erasedEvent), at: kernel.clock.now() }
    if ((await kernel.store.commit(document, { erasure })) === 'committed') return 'erased'
  }
  throw new SagaError('contended', orderId)
}

const isAtRest = <S>({ service }: Kernel<S>, { state, intent, unsent }: OrderDocument<S>): boolean =>
  intent === undefined && unsent.length === 0 && (service.mayErase?.(state) ?? true)

/** The private route by which the order service has an order erased everywhere: `{outcome}` with 200. */
export const erasureRoutes = <S>(kernel: Kernel<S>): PrivateRoutes => ({
  'POST /orders/:id/erase': async ({ id }) => {
    const orderId = OrderId.safeParse(id)
    const outcome = orderId.success ? await erase(kernel, orderId.data) : 'unknown'
    return { status: 200, body: { outcome } }
  },
})
