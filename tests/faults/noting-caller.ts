import type { PatientClient, PatientReply } from '../../harness/patient-client.ts'
import { SagaError } from '../../shared/runtime/errors.ts'

/** One answer of the API as it was; status 0 when there was none. */
export type Answer = {
  readonly path: string
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
  readonly phase: string
}

/**
 * Repeats every call until it is answered for good or `hangUp` is called, and notes each answer on the way
 * with the phase of the test.
 */
export const notingCaller = (phase: () => string) => {
  const answers: Answer[] = []
  let hungUp = false
  const once = async (
    request: Parameters<PatientClient['call']>[0],
  ): Promise<PatientReply & { wait: number }> => {
    const { url, method = 'GET', headers = {}, body } = request
    const began = phase()
    const sent = body ? { body: JSON.stringify(body) } : {}
    const response = await fetch(url, {
      ...{ method, headers: { ...headers, 'content-type': 'application/json' } },
      ...{ ...sent, signal: AbortSignal.timeout(15_000) },
    }).catch(() => undefined)
    const text = (await response?.text().catch(() => '')) ?? ''
    const retryAfter = response?.headers.get('retry-after') ?? undefined
    const status = response?.status ?? 0
    answers.push({ path: `${method} ${new URL(url).pathname}`, status, retryAfter, text, phase: began })
    return { status, text, wait: 1_000 * Number(retryAfter ?? 0.2) }
  }
  const call: PatientClient['call'] = async request => {
    while (!hungUp) {
      const { wait, ...reply } = await once(request)
      if (reply.status !== 0 && reply.status !== 429 && reply.status < 500) return reply
      await new Promise(resolve => setTimeout(resolve, wait))
    }
    throw new SagaError('no-answer', `${request.url}: the test is over`)
  }
  const hangUp = () => {
    hungUp = true
  }
  return { answers, call, hangUp, repeats: () => new Map<string, number>() }
}
