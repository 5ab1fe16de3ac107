import { SagaError } from '../runtime/errors.ts'

/** An administrator of a broker, as its management API knows it; `managementUrl` has no credentials. */
export type BrokerAdmin = {
  readonly managementUrl: string
  readonly adminUser: string
  readonly adminPassword: string
}

/** A call of the management API: the parsed answer, or undefined when it has no body. */
export type ManagementCall = (method: string, path: string, body?: unknown) => Promise<unknown>

const patience = 30_000

/**
 * Calls `/api/…` paths as the administrator; no error holds the credentials.
 * @throws SagaError `broker-unavailable` without an answer within `timeoutMs` (30 s unless set), `broker-refused` with a status of 400 and more
 */
export const managementApi =
  ({ managementUrl, adminUser, adminPassword }: BrokerAdmin, timeoutMs = patience): ManagementCall =>
  async (method, path, body) => {
    const authorization = `Basic ${Buffer.from(`${adminUser}:${adminPassword}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const init = { method, headers, signal: AbortSignal.timeout(timeoutMs) }
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) }
    const { ok, status, text } = await answerTo(new URL(path, managementUrl), sent).catch(cause => {
      throw new SagaError('broker-unavailable', `${method} ${path} got no answer`, { cause })
    })
    if (ok) return text === '' ? undefined : parsed(text, `${method} ${path}`)
    const retry = status >= 500 ? 'later' : 'never'
    throw new SagaError('broker-refused', `${method} ${path}: ${status} ${text.slice(0, 300)}`, { retry })
  }

const answerTo = async (url: URL, init: RequestInit) => {
  const answer = await fetch(url, init)
  return { ok: answer.ok, status: answer.status, text: await answer.text() }
}

const parsed = (text: string, call: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new SagaError('broker-refused', `${call}: no JSON; is this the management API?`, { retry: 'never' })
  }
}

/**
 * The administrator of `managementUrl`: its own credentials, else those of the AMQP URL.
 * @throws SagaError `config-invalid`, without the URLs
 */
export const adminOf = (managementUrl: string, amqpUrl: string): BrokerAdmin => {
  const [management, amqp] = [
    parseUrl(managementUrl, 'RABBITMQ_MANAGEMENT_URL'),
    parseUrl(amqpUrl, 'AMQP_URL'),
  ]
  const given = management.username ? management : amqp
  return {
    managementUrl: management.origin,
    adminUser: decodeURIComponent(given.username),
    adminPassword: decodeURIComponent(given.password),
  }
}

/** The vhost of an AMQP URL; `choreo` when it names none. */
export const vhostOf = (amqpUrl: string): string =>
  decodeURIComponent(parseUrl(amqpUrl, 'AMQP_URL').pathname.slice(1)) || 'choreo'

/** The URL; its error never quotes it. @throws SagaError `config-invalid` */
export const parseUrl = (text: string, variable: string): URL => {
  if (URL.canParse(text)) return new URL(text)
  throw new SagaError('config-invalid', `${variable} is not a URL`, { retry: 'never' })
}
