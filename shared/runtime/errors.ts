/** Every error that Choreo raises on purpose, with what its reader can do about it. */
export type ErrorCode = keyof typeof helpByCode

/** What to do next, by code. Error texts and the reference page are made from this table. */
export const helpByCode = {
  'config-invalid': 'Set the named variable as described and start again.',
  'handlers-invalid':
    'Give every command and every query one definition and one handler of its name, then start again.',
  'event-invalid':
    'The data does not match the schema of its event; correct the sender, then replay the message.',
  'event-unknown':
    'No event of this type is in the contract, or no upcast leads from its version to the newest; deploy a consumer that knows it, then replay the message.',
  'event-newer':
    'The event has a newer version than this release knows; another instance may know it, so it is tried again. Deploy the release that knows it; when its attempts are used up, replay it then.',
  'upcast-failed':
    'An old version cannot be upcast to the next one: fix the upcast, or the sender of such data, deploy it, then replay the message.',
  'event-forged':
    'The event has the key or the id of another service, so its owner did not send it; find out who did, and purge it.',
  'body-unreadable':
    'The body is not the CloudEvents JSON that its content type promises; correct the sender.',
  'broker-unavailable': 'RabbitMQ cannot be reached; check AMQP_URL and the server. Work resumes by itself.',
  'broker-refused':
    'RabbitMQ answered and refused: correct user, password and vhost in the URL, raise the limit, or compare the topology and the rights of the user with the declared ones.',
  'replay-running':
    'Somebody else is browsing this queue; wait until that has ended, or end it, and try again.',
  'publish-unconfirmed': 'The broker did not confirm in time; the same ids are sent again.',
  'publish-rejected':
    'A queue rejected the message, for it is full or has no leader: compare the depths of the queues, then start its service or empty it. The same ids are sent again.',
  'publish-unroutable': 'No queue is bound for this key; apply the topology again.',
  'store-unavailable':
    'MongoDB cannot be reached, or takes no writes; check MONGODB_URL, the server, its space and the rights of the user. Work resumes by itself.',
  'server-unsupported':
    'The server is too old or too new for this release: run a version that it supports. Work resumes by itself.',
  'document-refused':
    'MongoDB can never hold what comes of this: it is too large, has no stored form, or breaks a validation rule; fix the sender or the rule, then replay the message.',
  contended: 'Other executors kept writing first; the input is tried again later.',
  'provider-unavailable': 'The provider did not answer; the call is repeated with the same key.',
  'provider-protocol':
    'The provider answered with something that its contract does not contain; compare the versions of both sides.',
  'crash-loop':
    'The process died repeatedly while it handled this message; fix the handler, then replay the message.',
  draining: 'The process is shutting down; another instance takes over.',
  'port-taken': 'Another program listens on this port; stop it or choose another one.',
  'install-failed':
    'A needed program could not be installed; install it by hand or give its connection string.',
  'already-running':
    'Use the running system, or stop it first: Ctrl-C in its terminal, or SIGTERM to its pid.',
  'server-failed': 'A server did not come up; its log shows why.',
  'backend-mismatch':
    'The data folder was written by another database; use that one again or choose an empty folder.',
  'system-not-found':
    'Start one with `npm start`, name its folder with --data, or give its addresses: CHOREO_URL, and AMQP_URL, RABBITMQ_MANAGEMENT_URL and MONGODB_URL for operators.',
  'no-answer': 'Nothing answered in time; look at the logs of the system, and whether it still runs.',
  'answer-unexpected':
    'The system answered with something that its contract does not contain; use the same version on both sides.',
  'folder-taken': 'Another server has the data folder open; stop it or choose another folder.',
  'data-damaged':
    'A file of the data folder was changed after it was written; restore it, or remove the folder and its data.',
} as const

/**
 * An error that is recognised by its code.
 * `retry` says whether the same input can succeed later without anyone changing the input.
 */
export class SagaError extends Error {
  readonly code: ErrorCode
  readonly retry: 'later' | 'never'
  /** What happened, in words of ours without code and help: no value of an event stands in it. */
  readonly detail: string
  readonly help: string

  constructor(code: ErrorCode, detail: string, options: { retry?: 'later' | 'never'; cause?: unknown } = {}) {
    super(
      `${code}: ${detail}. ${helpByCode[code]}`,
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.name = 'SagaError'
    this.code = code
    this.detail = detail
    this.retry = options.retry ?? 'later'
    this.help = helpByCode[code]
  }
}

/** True for an error of ours with this code, also when it crossed a module boundary. */
export const hasCode = (error: unknown, code: ErrorCode): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** True for what says that the store cannot be worked with now, whoever asks. */
export const isStoreAway = (error: unknown): boolean =>
  hasCode(error, 'store-unavailable') || hasCode(error, 'server-unsupported')

/**
 * The code of anything thrown: ours, the driver's, or the name of the error. Its text may quote a body; what may
 * be shown of that, `reportOf` says.
 */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'not-an-error'
  return 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
    ? String(error.code)
    : error.name
}

/** The code of what an error of ours was caused by, for the log; nothing when there is none. */
export const causeIn = (error: unknown): { readonly cause?: string } =>
  error instanceof Error && error.cause !== undefined ? { cause: codeOf(error.cause) } : {}

/**
 * Why `fetch` got no answer: what it says itself is always the same, and the code is in the cause. A time-out
 * has an old number for a code.
 */
export const whyNoAnswer = (error: unknown): string => {
  if (!(error instanceof Error)) return codeOf(error)
  return error.name === 'TimeoutError' ? 'no answer in time' : codeOf(error.cause ?? error)
}

/** Which fields a schema refused and by which rule, without their values. Pure. */
export const issuesText = (
  issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string }[],
): string => issues.map(({ path, code }) => `${path.map(String).join('.') || 'data'} (${code})`).join(', ')
