import { z } from 'zod'
import { fetchDirectly } from '../../runtime/http/direct-fetch.ts'
import type { Readiness } from './evidence.ts'

const NotReady = z.object({ errors: z.array(z.object({ field: z.string() })) })

const timeoutMs = 2_000

/** What a service says of itself on its private port; undefined when its URL is not known. Never throws. */
export const readinessAt =
  (urls: Readonly<Record<string, string>>) =>
  async (service: string): Promise<Readiness | undefined> => {
    const url = urls[service]
    if (url === undefined) return undefined
    try {
      const answer = await fetchDirectly(`${url}/readyz`, { signal: AbortSignal.timeout(timeoutMs) })
      const body: unknown = await answer.json()
      if (answer.ok) return 'ready'
      const told = NotReady.safeParse(body)
      return { failing: told.success ? told.data.errors.map(({ field }) => field) : ['readiness'] }
    } catch {
      return 'unreachable'
    }
  }
