import { checkFlow } from '../choreography/check.ts'
import { flowOf } from '../choreography/flow.ts'
import { type RunningSaga, runSaga, type Servers } from '../harness/run-saga.ts'
import type { Service } from '../shared/saga/define/service.ts'
import { startPrivateServers } from './private-servers.ts'

type Say = (line: string) => void

/** What is done with a saga that runs; resolves with what is not as it should be. */
export type Trial = (saga: RunningSaga, say: Say) => Promise<readonly string[]>

/** Whose servers the saga runs on, and where its lines go: private ones and standard output unless set. */
type Around = {
  readonly start?: (say: Say) => Promise<Servers & { stop(): Promise<void> }>
  readonly say?: Say
}

/**
 * Checks the flow of a saga, runs its services on servers of their own, and tries it; what it started is
 * stopped, also by Ctrl-C. Says what is wrong and resolves with the exit code: 0 when nothing is, 1 when
 * something is, 130 when it was stopped.
 * @throws SagaError `install-failed`, `server-failed`, `broker-refused`
 */
export const runPrivately = async (
  services: readonly Service[],
  trial: Trial,
  { start = startPrivateServers, say = print }: Around = {},
): Promise<number> => {
  const stopped = askedToStop()
  say('starting a RabbitMQ, a Redis and an embedded MongoDB')
  const servers = await start(say)
  try {
    const saga = await runSaga(services, servers)
    const wrong = await Promise.race([trial(saga, say), stopped.asked]).finally(saga.stop)
    return wrong === 'asked' ? 130 : verdict([...flawsOf(services), ...wrong], say)
  } finally {
    stopped.forget()
    await servers.stop()
  }
}

const print: Say = line => void process.stdout.write(`${line}\n`)
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const askedToStop = () => {
  let onSignal = () => {}
  const asked = new Promise<'asked'>(resolve => {
    onSignal = () => resolve('asked')
  })
  for (const signal of signals) process.on(signal, onSignal)
  return { asked, forget: () => signals.forEach(signal => void process.off(signal, onSignal)) }
}

const flawsOf = (services: readonly Service[]): string[] =>
  services
    .slice(0, 1)
    .flatMap(({ saga }) => checkFlow(flowOf(saga, services)))
    .map(({ what }) => `the flow: ${what}`)

const verdict = (wrong: readonly string[], say: Say): number => {
  say(wrong.length === 0 ? '\nAll is as it should be.' : ['\nNot as it should be:', ...wrong].join('\n  '))
  return wrong.length === 0 ? 0 : 1
}
