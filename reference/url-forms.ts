/** One form of a server's URL, and what every program reads in it; `refused` where none can. */
export type UrlForm = {
  readonly variable: string
  readonly url: string
  readonly reads: Readonly<Record<string, string | number>> | 'refused'
  readonly why?: string
}

const amqp = (url: string, reads: UrlForm['reads'], why?: string): UrlForm => ({
  ...{ variable: 'AMQP_URL', url, reads },
  ...(why !== undefined && { why }),
})
const management = (url: string, reads: UrlForm['reads'], why?: string): UrlForm => ({
  ...amqp(url, reads, why),
  variable: 'RABBITMQ_MANAGEMENT_URL',
})

const odd = 'p%C3%A4ssw%C3%B6rd%2F%25'
const password = 'pässwörd/%'

/** The forms of URLs that people write. */
export const urlForms: readonly UrlForm[] = [
  amqp('amqp://ada:secret@mq.example:5673/shop', {
    ...{ host: 'mq.example', port: 5673, user: 'ada', password: 'secret', vhost: 'shop' },
  }),
  amqp('amqp://ada:secret@mq.example', {
    ...{ host: 'mq.example', port: 5672, user: 'ada', password: 'secret', vhost: 'choreo' },
  }),
  amqp('amqps://ada:secret@mq.example/', {
    ...{ host: 'mq.example', port: 5671, user: 'ada', password: 'secret', vhost: 'choreo' },
  }),
  amqp('amqp://mq.example/%2F', {
    ...{ host: 'mq.example', port: 5672, user: 'guest', password: 'guest', vhost: '/' },
  }),
  amqp(`amqp://ada:${odd}@[::1]/a%2Fb`, {
    ...{ host: '::1', port: 5672, user: 'ada', password, vhost: 'a/b' },
  }),
  amqp('amqp://ada:50%@mq.example/shop', 'refused', 'a % is written %25'),
  amqp('amqp://ada:a/b@mq.example/shop', 'refused', 'a / in a password is written %2F'),
  amqp('amqp://ada:x@one/shop,amqp://bob:x@two/shop', 'refused', 'nodes of one cluster have one user'),
  management('https://root:secret@mq.example:15671', {
    ...{ base: 'https://mq.example:15671', user: 'root', password: 'secret' },
  }),
  management(`http://root:${odd}@mq.example/rabbit/`, {
    ...{ base: 'http://mq.example/rabbit', user: 'root', password },
  }),
  management('http://one:15672,http://two:15672', {
    ...{ base: 'http://one:15672,http://two:15672', user: 'that of AMQP_URL', password: 'that of AMQP_URL' },
  }),
  management('http://mq.example:15672?x=1', 'refused', 'paths are put after it'),
  {
    ...{ variable: 'MONGODB_URL', url: `mongodb://ada:${odd}@one:27017,two/?replicaSet=rs0` },
    reads: { hosts: 'one:27017, two:27017', user: 'ada', password },
  },
  {
    ...{ variable: 'REDIS_URL', url: `rediss://ada:${odd}@cache.example/1` },
    reads: { host: 'cache.example', port: 6379, user: 'ada', password, database: 1 },
  },
  {
    ...{ variable: 'REDIS_URL', url: 'redis://cache.example/one', reads: 'refused' },
    why: 'a database of Redis has a number',
  },
  {
    ...{ variable: 'PAYMENT_PROVIDER_URL', url: `https://ada:${odd}@pay.example/v2/` },
    reads: { base: 'https://pay.example/v2', user: 'ada', password },
  },
  {
    ...{ variable: 'CARRIER_URL', url: 'https://carrier.example/v2?key=x', reads: 'refused' },
    why: 'paths are put after it',
  },
]
