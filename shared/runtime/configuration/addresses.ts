import { SagaError } from '../errors.ts'

/**
 * The URLs in a text: one, or the addresses of one cluster, separated by commas. Only a comma before a scheme
 * separates, so that a password or a list of hosts may have one.
 */
export const addressesIn = (text: string): string[] => text.split(/\s*,\s*(?=[a-z]+:\/\/)/)

/**
 * True when the addresses in a text differ in nothing but host and port: others would not lead to the same
 * data.
 */
export const leadToOneCluster = (text: string): boolean =>
  new Set(addressesIn(text).map(withoutHost)).size === 1

const withoutHost = (url: string): string => url.replace(/^([a-z]+:\/\/(?:[^/@]*@)?)[^/?#]*/, '$1')

/**
 * The addresses in a text as URLs; its error never quotes them.
 * @throws SagaError `config-invalid` when one is no URL, when a `%` in it stands for itself, or when they
 * differ in more than host and port
 */
export const addressesOf = (text: string, variable: string): readonly [URL, ...URL[]] => {
  const [first, ...others] = addressesIn(text).map(one => (URL.canParse(one) ? new URL(one) : undefined))
  if (!first || others.includes(undefined)) throw invalid(`${variable} is not a URL`)
  if (!leadToOneCluster(text)) throw invalid(`the addresses in ${variable} differ in more than host and port`)
  if (!isDecodable(first)) throw invalid(`${variable} is not ${escapesExpected}`)
  return [first, ...others.filter(one => one !== undefined)]
}

/** What a URL is that cannot be read, in words. */
export const escapesExpected =
  'a URL in which %, / and @ of user, password and path are escapes (%25, %2F, %40)'

/** True when user, password and path can be decoded. Pure. */
export const isDecodable = ({ username, password, pathname }: URL): boolean => {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

const invalid = (detail: string) => new SagaError('config-invalid', detail, { retry: 'never' })

/** URLs as one text again, each changed by `change`, which gets a copy. */
export const addressesWith = (urls: readonly URL[], change: (url: URL) => void): string =>
  urls
    .map(one => {
      const url = new URL(one)
      change(url)
      return url.href
    })
    .join(',')
