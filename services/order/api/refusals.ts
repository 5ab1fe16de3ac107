import { type FieldError, type Problem, problem } from '../../../shared/runtime/http/problem.ts'

/**
 * Every way in which the public API says no: the status, what it is called, and what the client does next.
 */
export const refusals = {
  'json-invalid': [400, 'Not JSON', 'Send one JSON object in UTF-8.'],
  'fields-invalid': [
    400,
    'Invalid request',
    'Correct the fields that errors lists and send the request again.',
  ],
  'request-malformed': [400, 'Malformed request', 'Send a well-formed HTTP/1.1 request.'],
  'key-missing': [401, 'Key required', 'Send the header Authorization: Bearer <key>.'],
  'key-unknown': [401, 'Key unknown', 'Ask an operator for a key, or correct the one that is sent.'],
  'operator-only': [403, 'Operators only', 'Send the key of an operator.'],
  'order-unknown': [404, 'No such order', 'Check the order id, and that the order was placed with this key.'],
  'sku-unknown': [404, 'No such SKU', 'GET /catalogue lists what can be bought.'],
  'route-unknown': [404, 'No such route', 'Check the path; it has no trailing slash.'],
  'method-not-allowed': [405, 'Method not allowed', 'Use a method that the Allow header lists.'],
  'request-slow': [408, 'Request too slow', 'Send headers and body without pauses.'],
  'order-settled': [409, 'Order is settled', 'GET the order: it has ended and cannot be cancelled.'],
  'order-open': [
    409,
    'Order is not settled',
    'Ask again when the order has ended and awaits nothing: its address is needed until then.',
  ],
  'call-not-open': [
    409,
    'No call is open',
    'GET the timeline: the call was answered first, or was never made. Nothing was changed.',
  ],
  'call-not-stuck': [
    409,
    'The call is not stuck',
    'Wait: it is repeated by itself, and may be decided only once it was refused for good three times.',
  ],
  'resolved-otherwise': [
    409,
    'Decided otherwise',
    'GET the timeline: another decision is on record. Undo what you did outside, or repeat exactly that one.',
  ],
  'body-too-large': [413, 'Body too large', 'Send at most 64 KiB.'],
  'media-unsupported': [
    415,
    'Unsupported media type',
    'Send Content-Type: application/json, not compressed.',
  ],
  'expectation-refused': [417, 'Expectation unknown', 'Send no Expect header, or Expect: 100-continue.'],
  'host-refused': [
    421,
    'Wrong host',
    'Use 127.0.0.1 or localhost: without keys only this machine is served.',
  ],
  'key-reused': [422, 'Idempotency-Key reused', 'Use a new key for a new wish, or send the same body again.'],
  'sku-not-sold': [422, 'SKU is not sold', 'GET /catalogue lists what can be bought.'],
  'answer-not-allowed': [
    422,
    'This answer is not given by hand',
    'saga stuck lists the answers that may be given to the call; a charge has none.',
  ],
  'caller-busy': [429, 'Too many requests at once', 'Wait for answers, then send the request again.'],
  'headers-too-large': [431, 'Headers too large', 'Send at most 16 KiB of headers.'],
  internal: [
    500,
    'Internal error',
    'Report the request id; sending the request again with the same Idempotency-Key is safe.',
  ],
  busy: [503, 'Busy', 'Send the request again after the seconds that Retry-After gives.'],
  'saga-busy': [
    503,
    'Too many orders are under way',
    'Send the request again after the seconds that Retry-After gives; nothing was ordered.',
  ],
  draining: [503, 'Shutting down', 'Send the request again; another instance answers it.'],
  'store-unavailable': [
    503,
    'Orders cannot be kept now',
    'Send the request again, with the same Idempotency-Key: whether it was done is not known.',
  ],
  'tracking-unavailable': [
    503,
    'Lists and stories cannot be read now',
    'Ask again later; orders are taken all the same.',
  ],
  'stock-unavailable': [503, 'Stock cannot be read now', 'Ask again later; orders are taken all the same.'],
  'restock-unknown': [
    503,
    'Stock cannot be reached now',
    'Send the request again, with the same Idempotency-Key: whether it was done is not known.',
  ],
  'resolution-unknown': [
    503,
    'The service cannot be reached now',
    'Send the same request again: whether the decision is on record is not known, and repeating it is harmless.',
  ],
  'erasure-incomplete': [
    503,
    'Not erased everywhere yet',
    'Send the request again: a service could not be asked, and repeating it is harmless.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, help: string]>

export type RefusalCode = keyof typeof refusals

/** What a refusal may add to its row in the table. */
export type RefusalDetails = { detail?: string; errors?: readonly FieldError[] }

/** The problem document of a refusal, for the request with this id. */
export const problemOf = (
  code: RefusalCode,
  requestId: string,
  { detail, errors }: RefusalDetails,
): Problem => {
  const [status, title, help] = refusals[code]
  const instance = `urn:choreo:request:${requestId}`
  return problem(status, code, {
    title,
    detail: detail ?? `${title}.`,
    help,
    instance,
    ...(errors && { errors }),
  })
}
