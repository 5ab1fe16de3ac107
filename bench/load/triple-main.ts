/**
 * Publishes every event of the saga twice more under its own key and ids, as an operator, until its standard
 * input ends. What it has published itself comes back with a mark, and is left alone.
 */
import { connect } from 'amqplib'
import { shop } from '../../services/contract/shop.ts'

const mark = 'x-bench-copy'
const copies = 2

const connection = await connect(process.env.BENCH_AMQP_URL ?? '')
const channel = await connection.createChannel()
const { queue } = await channel.assertQueue('', { exclusive: true })
await channel.bindQueue(queue, shop.names.exchanges.events, '#')
await channel.consume(
  queue,
  message => {
    if (!message || message.properties.headers?.[mark]) return
    const { fields, properties, content } = message
    const options = { ...properties, headers: { ...properties.headers, [mark]: 1 } }
    for (let n = 0; n < copies; n++)
      channel.publish(shop.names.exchanges.events, fields.routingKey, content, options)
  },
  { noAck: true },
)
process.stdout.write('ready\n')
process.stdin.on('end', () => void connection.close().finally(() => process.exit(0)))
process.stdin.resume()
