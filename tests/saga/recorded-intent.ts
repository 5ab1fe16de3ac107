import type { OrderId } from '../../services/contract/ids.ts'
import { chargeOrder, type Payment } from '../../services/payment/domain.ts'
import { changeOf, commit, load, type SagaContext } from '../../shared/saga/context.ts'
import type { Intent } from '../../shared/saga/document/document.ts'
import type { WithIntent } from '../../shared/saga/process/intent.ts'
import { eventAbout } from '../support/events.ts'

/** The document of an order whose charge is on record and has no answer yet. */
export const recordIntent = async (
  context: SagaContext<Payment>,
  order: OrderId,
  changes: Partial<Intent> = {},
): Promise<WithIntent<Payment>> => {
  const reserved = eventAbout(order, 'inventory.reserved')
  const decision = chargeOrder(context.service.initial, reserved as never)
  if (decision.kind !== 'call') throw new Error('payment does not ask for a charge')
  const { id, type } = reserved
  const intent: Intent = { source: { id, type }, call: decision.call, record: 'once', ...changes }
  const document = await load(context, order)
  const written = await commit(
    context,
    document,
    changeOf(context.service, document, { intent }, context.clock.now()),
  )
  if (written === 'conflict') throw new Error(`somebody else wrote about ${order}`)
  return { ...written, intent }
}
