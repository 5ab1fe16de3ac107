import { addressesIn, addressesOf } from '../../runtime/configuration/addresses.ts'
import { baseOf, basicAuth, credentialsOf } from '../../runtime/configuration/server-urls.ts'
import { hasCode, SagaError } from '../../runtime/errors.ts'
import { fetchDirectly } from '../../runtime/http/direct-fetch.ts'

/** An administrator of a broker, as its management API knows it. */
export type BrokerAdmin = {
  /**
   * Without credentials, and without a slash at the end; of a cluster the addresses of its nodes, separated
   * by commas.
   */
  readonly managementUrl: string
  readonly adminUser: string
  readonly adminPassword: string
}

/** A call of the management API: the parsed answer, or undefined when it has no body. */
export type ManagementCall = (method: string, path: string, body?: unknown) => Promise<unknown>

const patience = 30_000

/**
 * Calls `/api/…` paths as the administrator; no error holds the credentials. An address that does not answer
 * is left for the next one, so what is called has to be safe to repeat.
 * @throws SagaError `broker-unavailable` without an answer from any address within `timeoutMs` (30 s unless
 * set) each, `broker-refused` with a status of 400 and more
 */
export const managementApi = (admin: BrokerAdmin, timeoutMs = patience): ManagementCall => {
  const calls = addressesIn(admin.managementUrl).map(managementUrl =>
    callAt({ ...admin, managementUrl }, timeoutMs),
  )
  return (...call) => askInTurn(calls, call)
}

/** Whoever does not answer is asked last from then on. */
const askInTurn = async (calls: ManagementCall[], call: Parameters<ManagementCall>): Promise<unknown> => {
  let failure: unknown
  for (const ask of [...calls])
    try {
      return await ask(...call)
    } catch (error) {
      if (!hasCode(error, 'broker-unavailable')) throw error
      failure = error
      calls.push(...calls.splice(calls.indexOf(ask), 1))
    }
  throw failure
}

const callAt =
  ({ managementUrl, adminUser, adminPassword }: BrokerAdmin, timeoutMs: number): ManagementCall =>
  async (method, path, body) => {
    const credentials = basicAuth({ user: adminUser, password: adminPassword })
    const headers = { ...credentials, 'content-type': 'application/json' }
    const init = { method, headers, signal: AbortSignal.timeout(timeoutMs) }
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) }
    const { ok, status, text } = await answerTo(`${managementUrl}${path}`, sent).catch(cause => {
      throw new SagaError('broker-unavailable', `${method} ${path} got no answer`, { cause })
    })
    if (ok) return text === '' ? undefined : parsed(text, `${method} ${path}`)
    if (status === 401) throw notLetIn(adminUser)
    const retry = status >= 500 ? 'later' : 'never'
    throw new SagaError('broker-refused', `${method} ${path}: ${status} ${text.slice(0, 300)}`, { retry })
  }

const notLetIn = (user: string) =>
  new SagaError(
    'broker-refused',
    `user ${JSON.stringify(user)} or its password is wrong, or it may not use the management API`,
    { retry: 'never' },
  )

const answerTo = async (url: string, init: RequestInit) => {
  const answer = await fetchDirectly(url, init)
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
  const managements = addressesOf(managementUrl, 'RABBITMQ_MANAGEMENT_URL')
  const [amqp] = addressesOf(amqpUrl, 'AMQP_URL')
  const given = managements[0].username ? managements[0] : amqp
  const { user, password } = credentialsOf(given)
  return { managementUrl: managements.map(baseOf).join(','), adminUser: user, adminPassword: password }
}
