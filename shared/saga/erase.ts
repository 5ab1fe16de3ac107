import { erasedEvent } from '../contract/erasure.ts'
import { OrderId } from '../contract/ids.ts'
import { isKnown } from '../contract/on-record.ts'
import type { OrderDocument } from '../persistence/document.ts'
import { SagaError } from '../runtime/errors.ts'
import type { PrivateEndpoints, RoutesFor } from '../runtime/private-port.ts'
import { commit, type Kernel, published, untilWon } from './kernel.ts'

/** `open`: something may still need the data; `unknown`: there is no such order here. */
export type Erasure = 'erased' | 'open' | 'unknown'

/**
 * Replaces what is sensitive in all events of the order, in one guarded write. State stays the fold of the events, and what is sent again
 * later is sent in its erased form. Repeating it is harmless. @throws SagaError `store-unavailable`, `contended`, and `event-newer` when a
 * newer release recorded one of the events: what is sensitive in it is not known here
 */
export const erase = <S>(kernel: Kernel<S>, orderId: OrderId): Promise<Erasure> =>
  untilWon<Erasure>(orderId, async () => {
    const document = await kernel.store.load(orderId)
    if (!document) return 'unknown'
    if (!isAtRest(kernel, document)) return 'open'
    if (document.erasedAt !== undefined) return 'erased'
    const newer = published(document.events).find(event => !isKnown(event))
    if (newer) throw new SagaError('event-newer', `${newer.id} is ${newer.type} v${newer.version}`)
    const erasure = { events: document.events.map(erasedEvent), at: kernel.clock.now() }
    return (await commit(kernel, document, { erasure })) === 'conflict' ? 'again' : 'erased'
  })

const isAtRest = <S>({ service }: Kernel<S>, { state, intent, unsent }: OrderDocument<S>): boolean =>
  intent === undefined && unsent.length === 0 && (service.mayErase?.(state) ?? true)

/** What the private port of every service that reacts answers besides. */
export const erasureEndpoints = {
  'POST /orders/:id/erase':
    'replaces what is sensitive of a settled order in its document: `{outcome}` is erased, open or unknown',
} as const satisfies PrivateEndpoints

/** The private route by which the order service has an order erased everywhere. */
export const erasureRoutes = <S>(kernel: Kernel<S>): RoutesFor<typeof erasureEndpoints> => ({
  'POST /orders/:id/erase': async ({ id }) => {
    const orderId = OrderId.safeParse(id)
    const outcome = orderId.success ? await erase(kernel, orderId.data) : 'unknown'
    return { status: 200, body: { outcome } }
  },
})
