import { SagaError } from '../errors.ts'
import { addressesIn, addressesOf, addressesWith } from './addresses.ts'

// What the URL of a server says is read here and nowhere else: all programs understand it alike.

/** Whose a URL is, decoded; empty when it names nobody. */
export type UrlUser = { readonly user: string; readonly password: string }

/** User and password of a URL. */
export const credentialsOf = ({ username, password }: URL): UrlUser => ({
  user: decodeURIComponent(username),
  password: decodeURIComponent(password),
})

/** Names a user in a URL, whatever characters it and its password have. */
export const setCredentials = (url: URL, { user, password }: UrlUser): void => {
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
}

/** A node of a broker and who enters which vhost there, decoded. */
export type AmqpAddress = UrlUser & {
  readonly protocol: 'amqp' | 'amqps'
  /** Of an IPv6 address without brackets. */
  readonly hostname: string
  readonly port: number
  /** `host:port`, for the log. */
  readonly host: string
  readonly vhost: string
  /** What follows the `?`: `channelMax`, `frameMax`, `locale`. */
  readonly options: URLSearchParams
}

/**
 * The addresses in a text that names a vhost. Without a user it is `guest`, as everywhere in AMQP.
 * @throws SagaError `config-invalid`, without the text
 */
export const amqpAddressesOf = (text: string, variable = 'AMQP_URL'): readonly AmqpAddress[] => {
  const urls = addressesOf(text, variable)
  if (!/^amqps?:$/.test(urls[0].protocol) || urls[0].hostname === '')
    throw invalid(`${variable} is not amqp://user:password@host:port/vhost`)
  if (vhostIn(urls[0]) === '')
    throw invalid(`${variable} names no vhost: amqp://user:password@host:port/vhost`)
  return urls.map(amqpAddress)
}

const usualPorts = { amqp: 5672, amqps: 5671 } as const

const amqpAddress = (url: URL): AmqpAddress => {
  const protocol = url.protocol === 'amqps:' ? 'amqps' : 'amqp'
  const isNamed = url.username !== '' || url.password !== ''
  return {
    ...(isNamed ? credentialsOf(url) : { user: 'guest', password: 'guest' }),
    ...{ protocol, hostname: hostnameOf(url), port: Number(url.port) || usualPorts[protocol] },
    ...{ host: url.host, vhost: vhostIn(url), options: url.searchParams },
  }
}

const hostnameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

const vhostIn = ({ pathname }: URL): string => decodeURIComponent(pathname.slice(1))

/** The vhost that an AMQP URL names, or the usual one; `/%2F` names the vhost `/`. */
export const vhostOf = (amqpUrl: string, usual: string): string =>
  vhostIn(addressesOf(amqpUrl, 'AMQP_URL')[0]) || usual

/** An AMQP URL that names its vhost: `usual` where it names none. */
export const withVhost = (amqpUrl: string, usual: string): string =>
  amqpUrlWith(amqpUrl, { vhost: vhostOf(amqpUrl, usual) })

/** An AMQP URL that leads into another vhost, and as another user if one is given. */
export const amqpUrlWith = (
  amqpUrl: string,
  { vhost, as }: { readonly vhost: string; readonly as?: UrlUser },
): string =>
  addressesWith(addressesOf(amqpUrl, 'AMQP_URL'), url => {
    if (as) setCredentials(url, as)
    url.pathname = `/${encodeURIComponent(vhost)}`
  })

/** Where the paths of an HTTP service begin, and the headers with which it is asked. */
export type HttpAddress = {
  /** With its path, without a slash at the end and without credentials. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The HTTP service at a URL: its path stays before every path that is asked for, and user and password are
 * sent as HTTP does.
 * @throws SagaError `config-invalid`, without the URL
 */
export const httpAddressOf = (url: string, variable: string): HttpAddress => {
  const [parsed, another] = addressesOf(url, variable)
  if (another || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw invalid(`${variable} is not http://host:port/path`)
  return { base: baseOf(parsed), headers: basicAuth(credentialsOf(parsed)) }
}

/** A URL of HTTP without credentials and without a slash at its end. */
export const baseOf = ({ origin, pathname }: URL): string => `${origin}${pathname.replace(/\/+$/, '')}`

/** The header that presents a user and a password to an HTTP server; none for nobody. */
export const basicAuth = ({ user, password }: UrlUser): Readonly<Record<string, string>> =>
  user === '' && password === ''
    ? {}
    : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }

const invalid = (detail: string) => new SagaError('config-invalid', detail, { retry: 'never' })

const portsOfSchemes: Readonly<Record<string, string>> = {
  ...{
    http: '80',
    https: '443',
    amqp: '5672',
    amqps: '5671',
    mongodb: '27017',
    redis: '6379',
    rediss: '6379',
  },
}

/** `host:port` of every address; a URL of MongoDB has several, which is no URL to Node. */
export const hostsIn = (urls: string): readonly string[] =>
  addressesIn(urls).flatMap(url => {
    const [, scheme = '', hosts = ''] = /^([a-z+]+):\/\/(?:[^/]*@)?([^/?#]*)/i.exec(url) ?? []
    return hosts.split(',').map(host => {
      const named = host.toLowerCase().replace(/^localhost(?=:|$)/, '127.0.0.1')
      return /:\d+$/.test(named) ? named : `${named}:${portsOfSchemes[scheme.toLowerCase()] ?? ''}`
    })
  })

/** URLs as they may be shown: without credentials, and without options, in which there may be some too. */
export const shownUrls = (urls: string): string =>
  addressesIn(urls)
    .map(one => one.replace(/\/\/[^/]*@/, '//').replace(/\?.*$/, ''))
    .join(',')
