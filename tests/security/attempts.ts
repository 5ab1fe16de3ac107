import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'

/** Something that a client asks of the broker on a channel of its own. */
export type Attempt = (channel: ConfirmChannel) => Promise<unknown>

/** What the broker said to it: `allowed`, or the code with which it closed the channel. */
export const answerTo = async (connection: ChannelModel, attempt: Attempt): Promise<'allowed' | number> => {
  const channel = await connection.createConfirmChannel()
  const refused = new Promise<number>(resolve => {
    channel.on('error', (error: { code?: number }) => resolve(error.code ?? 0))
  })
  // A request that is refused rejects as well, a publish does not: the channel tells of both.
  const done = attempt(channel).then(
    () => 'allowed' as const,
    () => refused,
  )
  const answer = await Promise.race([refused, done])
  if (answer === 'allowed') await channel.close()
  return answer
}

export const publishing =
  (exchange: string, key: string, headers: Record<string, unknown> = {}): Attempt =>
  async channel => {
    channel.publish(exchange, key, Buffer.from('{}'), { persistent: true, headers })
    await channel.waitForConfirms()
  }

export const consuming =
  (queue: string): Attempt =>
  channel =>
    channel.consume(queue, () => {})

export const getting =
  (queue: string): Attempt =>
  channel =>
    channel.get(queue)

/** Whether the broker lets this user of this vhost in. */
export const loggingIn = async (url: string): Promise<'allowed' | 'refused'> => {
  try {
    await (await connect(url)).close()
    return 'allowed'
  } catch {
    return 'refused'
  }
}
