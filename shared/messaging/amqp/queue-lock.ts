import type { ChannelModel } from 'amqplib'
import { SagaError } from '../../runtime/errors.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'
import { causeOf } from './dial.ts'

const retryMs = 100
const locked = '405'

/**
 * Makes this connection the only one that browses the queue, until it is closed, however it ends: the lock is
 * a queue that belongs to it alone.
 * @throws SagaError `replay-running` when it stayed taken for `patienceMs`, `broker-refused`
 */
export const lockQueue = async (
  model: ChannelModel,
  queue: string,
  { clock, patienceMs }: { clock: Clock; patienceMs: number },
): Promise<void> => {
  const end = clock.monotonic() + patienceMs
  for (;;) {
    const outcome = await tryLock(model, queue)
    if (outcome === 'locked') return
    if (clock.monotonic() >= end) throw new SagaError('replay-running', queue)
    await sleep(clock, retryMs)
  }
}

const tryLock = async (model: ChannelModel, queue: string): Promise<'locked' | 'taken'> => {
  const channel = await model.createChannel()
  channel.on('error', () => {})
  try {
    await channel.assertQueue(`choreo.walk.${queue}`, { exclusive: true, durable: false })
    return 'locked'
  } catch (cause) {
    if (causeOf(cause).code === locked) return 'taken'
    throw new SagaError('broker-refused', `lock of ${queue}: ${causeOf(cause).error}`, {
      retry: 'never',
      cause,
    })
  }
}
