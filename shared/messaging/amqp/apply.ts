import { SagaError } from '../../runtime/errors.ts'
import type { Definitions } from '../definitions.ts'

const timeoutMs = 60_000

/**
 * Makes the broker what the definitions say, through its management API; what is there already stays, so it can be repeated.
 * Existing queues keep their arguments and contents, and nothing is removed. Resolves when everything is declared.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const applyDefinitions = async (
  managementUrl: string,
  credentials: { user: string; password: string },
  definitions: Definitions,
): Promise<void> => {
  const basic = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  const request = {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify(definitions),
    signal: AbortSignal.timeout(timeoutMs),
  }
  const answer = await fetch(new URL('/api/definitions', managementUrl), request).catch(cause => {
    throw new SagaError('broker-unavailable', 'the management API does not answer', { cause })
  })
  const text = await answer.text()
  if (answer.ok) return
  const retry = answer.status >= 500 ? 'later' : 'never'
  throw new SagaError('broker-refused', `definitions: ${answer.status} ${text.slice(0, 300)}`, { retry })
}
