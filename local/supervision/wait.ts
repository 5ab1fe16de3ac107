import { SagaError } from '../../shared/runtime/errors.ts'

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/**
 * Asks `ready` every 50 ms until it answers true; an answer that throws counts as "not yet".
 * @throws SagaError `server-failed` after `deadlineMs`, or at once when `gone` says why it will never come.
 */
export const waitUntil = async (
  what: string,
  ready: () => Promise<boolean>,
  { deadlineMs, gone = () => undefined }: { deadlineMs: number; gone?: () => string | undefined },
): Promise<void> => {
  const end = Date.now() + deadlineMs
  while (true) {
    const why = gone()
    if (why !== undefined) throw new SagaError('server-failed', `${what}: ${why}`, { retry: 'never' })
    if (await ready().catch(() => false)) return
    if (Date.now() > end)
      throw new SagaError('server-failed', `${what} not ready after ${deadlineMs / 1000} s`)
    await pause(50)
  }
}
