import type { AnswerOf } from '../../../shared/commands/define.ts'
import { EraseOrder, type OrderCommands, ResolveOrder, RestockSku } from '../commands.ts'
import { type Answer, refuse } from './answer.ts'
import type { Handler } from './handler.ts'
import type { Erased, Resolved } from './openapi/answers.ts'
import { IdempotencyKey } from './openapi/requests.ts'
import { answerFor } from './reply.ts'

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
  (commands: OrderCommands): Handler =>
  async ({ parameter, caller, idempotencyKey: id, body }) => {
    if (!isKey(id)) return keyInvalid
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    const raw = { subject: parameter, content: read.json }
    const reply = await commands.send(RestockSku, raw, { actor: caller, id })
    return answerFor(reply, { answered: restocked, subject: 'sku-unknown', wish: 'restock' })
  }

const restocked = (answer: AnswerOf<typeof RestockSku>): Answer => {
  switch (answer.outcome) {
    case 'added':
      return { status: 200, body: answer.stock }
    case 'unknown-sku':
      return refuse('sku-unknown')
    case 'unavailable':
      return refuse('restock-unknown')
  }
}

/** Has address and payment token of a settled order erased in every service. */
export const eraseOrder =
  (commands: OrderCommands): Handler =>
  async ({ parameter, caller }) =>
    answerFor(await commands.send(EraseOrder, { subject: parameter }, { actor: caller }), {
      answered: outcome => erasureAnswer(outcome, parameter),
      subject: 'order-unknown',
    })

const erasureAnswer = (outcome: AnswerOf<typeof EraseOrder>, orderId: string): Answer => {
  switch (outcome) {
    case 'erased':
      return { status: 200, body: { orderId, erased: true } satisfies Erased }
    case 'open':
      return refuse('order-open')
    case 'unknown':
      return refuse('order-unknown')
    case 'unavailable':
      return refuse('erasure-incomplete')
  }
}

/** Has a stuck call of one service ended by the decision in the body. */
export const resolveOrder =
  (commands: OrderCommands): Handler =>
  async ({ parameter, caller, body }) => {
    const read = await body()
    if (read === 'gone' || 'refused' in read) return read
    const raw = { subject: parameter, content: read.json }
    return answerFor(await commands.send(ResolveOrder, raw, { actor: caller }), {
      answered: answer => resolutionAnswer(answer, parameter),
      subject: 'order-unknown',
    })
  }

const resolutionAnswer = ({ outcome, service }: AnswerOf<typeof ResolveOrder>, orderId: string): Answer =>
  outcome === 'resolved'
    ? { status: 200, body: { orderId, service, resolved: true } satisfies Resolved }
    : refuse(unresolved[outcome])

const unresolved = {
  otherwise: 'resolved-otherwise',
  'no-call': 'call-not-open',
  'not-stuck': 'call-not-stuck',
  'not-by-hand': 'answer-not-allowed',
  unknown: 'order-unknown',
  unavailable: 'resolution-unknown',
} as const
