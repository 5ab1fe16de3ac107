import { connect } from 'amqplib'

/** What the journal has, from its start; at least one message, for it waits for the first. */
export const readJournal = async (url: string): Promise<{ key: string; body: string }[]> => {
  const connection = await connect(url)
  const channel = await connection.createChannel()
  await channel.prefetch(100)
  const got: { key: string; body: string }[] = []
  let last = 0
  await channel.consume(
    'saga.journal',
    message => {
      if (!message) return
      got.push({ key: message.fields.routingKey, body: message.content.toString() })
      last = Date.now()
      channel.ack(message)
    },
    { arguments: { 'x-stream-offset': 'first' } },
  )
  while (last === 0 || Date.now() - last < 300) await new Promise(resolve => setTimeout(resolve, 20))
  await connection.close()
  return got
}
