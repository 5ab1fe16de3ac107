import { SagaError } from '../shared/runtime/errors.ts'

/** An administrator of a broker, as its management API knows it. */
export type BrokerAdmin = { managementUrl: string; adminUser: string; adminPassword: string }

/** A call of the management API: the parsed answer, or undefined when it has no body. */
export type ManagementCall = (method: string, path: string, body?: unknown) => Promise<unknown>

const within = 30_000

/**
 * Calls `/api/…` paths as the administrator.
 * @throws SagaError `broker-unavailable` without an answer, `broker-refused` with a status of 400 and more
 */
export const managementApi =
  ({ managementUrl, adminUser, adminPassword }: BrokerAdmin): ManagementCall =>
  async (method, path, body) => {
    const authorization = `Basic ${Buffer.from(`${adminUser}:${adminPassword}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const init = { method, headers, signal: AbortSignal.timeout(within) }
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) }
    const answer = await fetch(managementUrl + path, sent).catch(cause => {
      throw new SagaError('broker-unavailable', `${method} ${path} got no answer`, { cause })
    })
    const text = await answer.text()
    if (answer.ok) return text === '' ? undefined : JSON.parse(text)
    throw new SagaError('broker-refused', `${method} ${path}: ${answer.status} ${text}`)
  }
