import { SagaError, whyNoAnswer } from '../shared/runtime/errors.ts'
import { fetchDirectly } from '../shared/runtime/http/direct-fetch.ts'
import { backoff, type Random } from '../shared/runtime/random.ts'
import { type Clock, sleep } from '../shared/runtime/time/clock.ts'

/** What a patient caller goes by: how long one call is tried (ms), and the bearer key it presents, if any. */
export type PatientClientOptions = {
  clock: Clock
  random: Random
  patienceMs: number
  bearer?: string | undefined
}

/** A request that is safe to repeat. */
export type PatientRequest = {
  url: string
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: object
}

export type PatientReply = { status: number; text: string }

/** Calls over HTTP until it is answered. */
export type PatientClient = {
  /**
   * The answer, which is never 429 or 5xx.
   * @throws SagaError `no-answer` when there is none within the patience
   */
  call(request: PatientRequest): Promise<PatientReply>
  /** Why calls were repeated, and how often: a status, or the code of what kept the answer away. */
  repeats(): ReadonlyMap<string, number>
}

const oneTryMs = 10_000
const pauses = { base: 100, cap: 2_000 }

/** A caller that comes back after `Retry-After`, and with growing pauses to what is not there. */
export const patientClient = ({ clock, random, patienceMs, bearer }: PatientClientOptions): PatientClient => {
  const repeats = new Map<string, number>()
  const attempt = async (request: PatientRequest): Promise<Heard> => {
    const heard = await send(request, bearer).catch(error => ({ ...silence, text: whyNoAnswer(error) }))
    const why = heard.status === 0 ? heard.text : String(heard.status)
    if (isNotNow(heard)) repeats.set(why, (repeats.get(why) ?? 0) + 1)
    return heard
  }
  return {
    call: async request => {
      const end = clock.now() + patienceMs
      for (let tries = 0; ; tries++) {
        const heard = await attempt(request)
        if (!isNotNow(heard)) return heard
        const pause = heard.retryAfterMs || backoff(random, tries, pauses)
        if (clock.now() + pause > end) throw noAnswer(request, heard)
        await sleep(clock, pause)
      }
    },
    repeats: () => repeats,
  }
}

/** Status 0 is no answer at all. */
type Heard = PatientReply & { retryAfterMs: number }
const silence: Heard = { status: 0, text: '', retryAfterMs: 0 }

const isNotNow = ({ status }: PatientReply) => status === 0 || status === 429 || status >= 500

const noAnswer = ({ method = 'GET', url }: PatientRequest, { status, text }: PatientReply) =>
  new SagaError('no-answer', `${method} ${url}, last: ${status === 0 ? text : `status ${status}`}`)

const send = async (
  { url, method = 'GET', headers, body }: PatientRequest,
  bearer: string | undefined,
): Promise<Heard> => {
  const response = await fetchDirectly(url, {
    method,
    headers: {
      ...headers,
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(oneTryMs),
    ...(body && { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    text: await response.text(),
    retryAfterMs: 1_000 * Number(response.headers.get('retry-after') ?? 0),
  }
}
