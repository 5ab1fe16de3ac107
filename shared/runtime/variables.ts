import { z } from 'zod'
import { addresses, host, port, redisUrl, url, variable, whole } from './configuration/variable.ts'

/** Where telemetry is sent. */
export const exporting = {
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(url('https?').optional(), {
    description:
      'The OpenTelemetry collector that spans and metrics are sent to, as OTLP over HTTP with JSON. Unless it is set nothing is sent. Other OTEL_ variables of the SDK are read as well.',
    expected: 'an http:// or https:// URL such as http://127.0.0.1:4318',
  }),
}

/** What every program reads. */
export const service = {
  ...exporting,
  CHOREO_LOG_LEVEL: variable(z.enum(['error', 'warn', 'info', 'debug']).default('info'), {
    description: 'The least important kind of log line that is written.',
    expected: 'error, warn, info or debug',
  }),
  CHOREO_HEALTH_HOST: variable(host.default('127.0.0.1'), {
    description:
      'Where the private port (health, metrics, stock) listens. It asks nobody who they are: keep it private.',
    expected: 'an IP address or host name of this machine',
  }),
}

/** The private port of a program, with the port that it has when nothing is set. */
export const healthPort = (fallback: number) => ({
  CHOREO_HEALTH_PORT: variable(port.default(fallback), {
    description: 'The private port of the service: /livez, /readyz and what operators read.',
    expected: 'a port from 0 (any free one) to 65535',
  }),
})

/** The servers that a program uses. */
export const servers = {
  AMQP_URL: variable(addresses('amqps?'), {
    description:
      'RabbitMQ, with the user of this service and the vhost (that of the saga unless it names one). Of a cluster the addresses of its nodes: another one is dialled when one is lost.',
    expected: 'an amqp:// or amqps:// URL, or several separated by commas',
    secret: true,
  }),
  MONGODB_URL: variable(url('mongodb(\\+srv)?'), {
    description: 'The MongoDB server or cluster that holds the documents of this service.',
    expected: 'a mongodb:// or mongodb+srv:// URL',
    secret: true,
  }),
  REDIS_URL: variable(redisUrl, {
    description: 'Redis, which only saves work: it may be empty, slow or away.',
    expected: 'a redis:// or rediss:// URL, with the number of a database if it is not 0',
    secret: true,
  }),
}

/** How messages are taken in. */
export const consuming = {
  CHOREO_PREFETCH: variable(whole(1, 2_000).default(512), {
    description: 'How many messages the broker hands out before the first is acknowledged.',
    expected: 'a whole number from 1 to 2000 (quorum queues take no more)',
  }),
  CHOREO_MAX_ATTEMPTS: variable(whole(1, 50).default(8), {
    description: 'How often an event is tried before it is parked in the dead-letter queue.',
    expected: 'a whole number from 1 to 50',
  }),
}

/** How a provider is called. */
export const calling = {
  CHOREO_PATIENCE_MS: variable(whole(0, 60_000).default(1_000), {
    description:
      'How long a message waits for a provider call (ms) before the call is finished in the background.',
    expected: 'a whole number of milliseconds from 0 to 60000',
  }),
}

/** What every service that reacts to events reads, besides its private port. */
export const reacting = { ...service, ...servers, ...consuming }

/** What every service that reacts to events reads, whatever else it does. */
export type ReactingConfig = z.output<z.ZodObject<typeof reacting & ReturnType<typeof healthPort>>>
