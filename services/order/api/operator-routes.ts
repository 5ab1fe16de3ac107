import { base32, type Random } from '../../../shared/runtime/random.ts'
import { OrderId, Sku } from '../../contract/ids.ts'
import { ResolutionRequest } from '../../private-calls/resolution.ts'
import { digestOf } from '../digest.ts'
import type { OperatorPort } from '../operator-use-cases.ts'
import { type Answer, refuse } from './answer.ts'
import { parseFields } from './fields.ts'
import type { Handler } from './handler.ts'
import type { Erased, Resolved } from './openapi/answers.ts'
import { IdempotencyKey, RestockRequest } from './openapi/requests.ts'

/** The handler for operators; everybody else is refused before anything is read. */
export const operatorOnly =
  (handler: Handler): Handler =>
  call =>
    call.caller.operator ? handler(call) : refuse('operator-only')

/** True for an idempotency key that may be used, and for none. */
export const isKey = (key: string | undefined): boolean =>
  key === undefined || IdempotencyKey.safeParse(key).success

/** The refusal of any other key. */
export const keyInvalid = refuse('fields-invalid', {
  errors: [{ field: 'Idempotency-Key', expected: '1 to 255 visible ASCII characters, sent once' }],
})

/** Adds units to the stock of a SKU, once for the same caller and key. */
export const restockSku =
  (operator: OperatorPort, random: Random): Handler =>
  async ({ parameter, caller, idempotencyKey, body }) => {
    if (!isKey(idempotencyKey)) return keyInvalid
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    const fields = parseFields(RestockRequest, read.json)
    if ('errors' in fields) return refuse('fields-invalid', { errors: fields.errors })
    const sku = Sku.safeParse(parameter)
    if (!sku.success) return refuse('sku-unknown')
    const id = restockId(random, caller.name, idempotencyKey)
    return restocked(await operator.restock(sku.data, { id, units: fields.value.units }))
  }

const restocked = (answer: Awaited<ReturnType<OperatorPort['restock']>>): Answer => {
  switch (answer.outcome) {
    case 'added':
      return { status: 200, body: answer.stock }
    case 'unknown-sku':
      return refuse('sku-unknown')
    case 'key-reused':
      return refuse('key-reused', {
        errors: [{ field: 'Idempotency-Key', expected: 'a key of its own for each restock' }],
      })
    case 'unavailable':
      return refuse('restock-unknown')
  }
}

/** The same for the same caller and key; one of its own when there is no key. */
const restockId = (random: Random, caller: string, key: string | undefined): string =>
  `rst_${key === undefined ? random.id() : base32(digestOf([caller, key]))}`

/** Has a stuck call of one service ended by the decision in the body. */
export const resolveOrder =
  (operator: OperatorPort): Handler =>
  async ({ parameter, body }) => {
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    const fields = parseFields(ResolutionRequest, read.json)
    if ('errors' in fields) return refuse('fields-invalid', { errors: fields.errors })
    const orderId = OrderId.safeParse(parameter)
    const outcome = orderId.success ? await operator.resolve(orderId.data, fields.value) : 'unknown'
    if (outcome !== 'resolved') return refuse(unresolved[outcome])
    const resolved = { orderId: parameter, service: fields.value.service, resolved: true } satisfies Resolved
    return { status: 200, body: resolved }
  }

const unresolved = {
  otherwise: 'resolved-otherwise',
  'no-call': 'call-not-open',
  'not-stuck': 'call-not-stuck',
  'not-by-hand': 'answer-not-allowed',
  unknown: 'order-unknown',
  unavailable: 'resolution-unknown',
} as const

/** Has address and payment token of a settled order erased in every service. */
export const eraseOrder =
  (operator: OperatorPort): Handler =>
  async ({ parameter }) => {
    const orderId = OrderId.safeParse(parameter)
    const outcome = orderId.success ? await operator.erase(orderId.data) : 'unknown'
    switch (outcome) {
      case 'erased':
        return { status: 200, body: { orderId: parameter, erased: true } satisfies Erased }
      case 'open':
        return refuse('order-open')
      case 'unknown':
        return refuse('order-unknown')
      case 'unavailable':
        return refuse('erasure-incomplete')
    }
  }
