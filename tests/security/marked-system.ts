import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { type BreakableSystem, startBreakableSystem } from '../faults/breakable-system.ts'
import { until } from '../messaging/messages.ts'

export const [adasKey, bobsKey, operatorsKey] = ['key-canary-ada', 'key-canary-bob', 'key-canary-olga']
export const strangersKey = 'key-canary-stranger'
const keyOf = (name: string, key: string) => `${name}:${createHash('sha256').update(key).digest('hex')}`
export const shipTo = {
  ...{ name: 'Canary Nightingale', line1: '77 Canaryrow', city: 'Canaryville' },
  ...{ postalCode: 'CY1 7AN', country: 'GB' },
}
// Each means something to the simulated provider: works at the second try, and unknown.
export const [goodToken, badToken] = ['tok_flaky_000001', 'tok_canary_3f9d']
const mongoSecret = 'appcanary7c1'
const redisSecret = 'rediscanary2b8'

/** The body of an order with marked token and address. */
export const order = (token: string, change: object = {}) => ({
  ...{ customerId: 'c-1', lines: [{ sku: 'SKU-1', quantity: 1 }], payment: { token }, shipTo },
  ...change,
})

/** A whole system with keys, in which every secret can be recognised, and all that its API ever answered. */
export type MarkedSystem = {
  readonly whole: BreakableSystem
  /** What must not be seen anywhere, by what it is. */
  readonly canaries: Readonly<Record<string, string>>
  /** Everything that somebody could read, by where. */
  readonly seen: Map<string, string>
  /** Of its broker's administrator. */
  readonly amqpUrl: string
  ask(method: string, path: string, key?: string, body?: unknown, more?: object): Promise<Reply>
  /** Places an order of ada's; its id. */
  place(body: object): Promise<string>
  ends(orderId: string, status: string): Promise<void>
}

type Reply = { readonly status: number; readonly json: { orderId: string; status: string } }

const canariesOf = ({ broker: { adminPassword }, system }: BreakableSystem) => ({
  ...{ goodToken, badToken, mongoSecret, redisSecret, adasKey, bobsKey, operatorsKey, strangersKey },
  ...{ ...shipTo, country: 'Canaryland', adminPassword },
  ...Object.fromEntries(
    Object.entries(system.secrets).map(([name, secret]) => [`password of ${name}`, secret]),
  ),
})

export const startMarkedSystem = async (): Promise<MarkedSystem> => {
  const variables = {
    CHOREO_CALLER_KEYS: [keyOf('ada', adasKey), keyOf('bob', bobsKey)].join(','),
    CHOREO_OPERATOR_KEYS: keyOf('olga', operatorsKey),
    CHOREO_LOG_LEVEL: 'debug',
    // What nobody can read yet is parked within the patience of the test.
    CHOREO_MAX_ATTEMPTS: '3',
    NODE_OPTIONS: `--import=${new URL('quoting-payment.js', import.meta.url)}`,
  }
  const whole = await startBreakableSystem(variables, ({ MONGODB_URL, REDIS_URL }) => ({
    MONGODB_URL: `${MONGODB_URL}/?appName=${mongoSecret}`,
    // A server without a password takes any and warns.
    REDIS_URL: REDIS_URL.replace('//', `//:${redisSecret}@`),
  }))
  const seen = new Map<string, string>()
  const ask = async (method: string, path: string, key?: string, body?: unknown, more: object = {}) => {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(whole.system.url + path, {
      ...{ method, headers: { 'content-type': 'application/json', ...authorization, ...more } },
      ...{ ...sent, signal: AbortSignal.timeout(30_000) },
    })
    const text = await response.text()
    const headers = JSON.stringify([...response.headers])
    seen.set(`${method} ${path} as ${key} (${seen.size}): ${response.status}`, headers + text)
    return {
      status: response.status,
      json: (text.startsWith('{') ? JSON.parse(text) : {}) as { orderId: string; status: string },
    }
  }
  const place = async (body: object) => {
    const { status, json } = await ask('POST', '/orders', adasKey, body)
    expect(status).to.equal(202)
    return json.orderId
  }
  const ends = (orderId: string, status: string) =>
    until(
      `${orderId} is ${status}`,
      async () => (await ask('GET', `/orders/${orderId}`, adasKey)).json.status === status,
      60_000,
    )
  const { adminUser, adminPassword, amqpPort } = whole.broker
  const amqpUrl = `amqp://${adminUser}:${adminPassword}@127.0.0.1:${amqpPort}/choreo`
  return { whole, seen, amqpUrl, ask, place, ends, canaries: canariesOf(whole) }
}
