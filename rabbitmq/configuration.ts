import { z } from 'zod'
import { addresses, duration, variable, whole } from '../shared/runtime/configuration/variable.ts'
import { msOf } from '../shared/runtime/time/duration.ts'
import { healthPort, servers, service } from '../shared/runtime/variables.ts'

/** The topology watch: the broker as its administrator, how often it looks, and when it raises an alarm. */
export const topologyWatchConfig = z.object({
  ...service,
  ...healthPort(3_106),
  AMQP_URL: servers.AMQP_URL,
  RABBITMQ_MANAGEMENT_URL: variable(addresses('https?').regex(/^[^?#]*$/), {
    description:
      'The management API of RabbitMQ, with the credentials of an administrator; without them those of AMQP_URL are used. A path stays before /api. Of a cluster the addresses of its nodes.',
    expected: 'an http:// or https:// URL without ? and #, or several separated by commas',
    secret: true,
  }),
  CHOREO_TOPOLOGY_WATCH: variable(duration.default(msOf('30s')), {
    description:
      'How long the topology watch waits before it compares the broker with the declaration again.',
    expected: 'a duration such as 500ms, 30s, 10m or 2h, at most 168h',
  }),
  CHOREO_DEAD_LETTER_ALARM: variable(whole(0, 1_000_000_000).default(100), {
    description: 'The topology watch raises an alarm when a service has more dead letters than this.',
    expected: 'a whole number from 0 to 1000000000',
  }),
  CHOREO_BROKER_USER_PREFIX: variable(
    z
      .string()
      .regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u)
      .optional(),
    {
      description:
        'What stands before the names of the services as users of the broker, where it is shared with others.',
      expected: '1 to 200 characters without control characters',
    },
  ),
})

export type TopologyWatchConfig = z.output<typeof topologyWatchConfig>
