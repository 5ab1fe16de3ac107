import type { Command } from 'commander'
import { z } from 'zod'
import { SagaError, whyNoAnswer } from '../../shared/runtime/errors.ts'
import { inTime } from '../../shared/runtime/in-time.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { urlOf } from '../addresses.ts'
import { parsed } from '../api-client.ts'
import { command, type Run } from '../command.ts'
import { unexpected } from '../failure.ts'
import { fetchAsAsked } from '../fetch-as-asked.ts'
import type { Session } from '../session.ts'

/** Adds `tracking rebuild`. */
export const addTracking = (program: Command, run: Run): void => {
  const tracking = program.command('tracking').description('build the read models anew')
  command(tracking.command('rebuild'), {
    examples: [
      ['tracking rebuild', 'reads the journal from its start again, while the old read model serves'],
      ['tracking rebuild --tracking-url http://127.0.0.1:3105', 'of a system elsewhere'],
    ],
    exits: '0 it has begun (with --wait: it serves), 1 refused, 2 wrong usage, 3 not reachable',
  })
    .description('build the read model anew from the journal')
    .option('--wait', 'until the new one serves')
    .option('--tracking-url <url>', 'the private port of tracking; that of the local system unless given')
    .action(run(rebuild))
}

const patienceMs = 15_000
const pauseMs = 500

const Generation = z.object({ generation: z.int() })
const Progress = z.object({
  generations: z.array(z.object({ generation: z.int(), serving: z.boolean(), offset: z.int().nullable() })),
})

const rebuild = async (
  session: Session,
  { trackingUrl, wait }: { trackingUrl?: string; wait?: boolean },
): Promise<void> => {
  const named = trackingUrl === undefined ? undefined : urlOf(trackingUrl, '--tracking-url')
  const url = named ?? session.places.privatePorts().tracking
  if (url === undefined)
    throw new SagaError('system-not-found', 'no tracking runs here; name it with --tracking-url')
  const { generation } = await ask(session, Generation, 'POST', `${url}/rebuild`)
  if (wait) await untilServing(session, url, generation)
  session.show({ generation, serving: wait === true }, () =>
    wait
      ? `generation ${generation} of the read model serves`
      : `generation ${generation} of the read model is being built; the old one serves until it has caught up`,
  )
}

const untilServing = async (session: Session, url: string, generation: number): Promise<void> => {
  for (;;) {
    const { generations } = await ask(session, Progress, 'GET', `${url}/lag`)
    const built = generations.find(one => one.generation === generation)
    if (built?.serving) break
    session.terminal.progress(`generation ${generation} is at offset ${built?.offset ?? 0} of the journal`)
    await sleep(systemClock, pauseMs, session.signal)
    session.signal.throwIfAborted()
  }
  session.terminal.progress('')
}

const ask = async <T>({ signal }: Session, schema: z.ZodType<T>, method: string, url: string): Promise<T> => {
  const asked = async (until: AbortSignal) => {
    const answer = await fetchAsAsked(url, { method, signal: until })
    return { ok: answer.ok, status: answer.status, text: await answer.text() }
  }
  const response = await inTime(patienceMs, asked, signal).catch(cause => {
    throw new SagaError('no-answer', `${url} (${whyNoAnswer(cause)})`, { cause })
  })
  if (!response.ok)
    throw new SagaError('answer-unexpected', `tracking answered ${response.status}`, { retry: 'never' })
  const answer = schema.safeParse(parsed(response.text))
  if (answer.success) return answer.data
  throw unexpected(`${url} answered with something else`, answer.error)
}
