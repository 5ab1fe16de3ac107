import { fetchDirectly } from '../shared/runtime/http/direct-fetch.ts'

const ofThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * `fetch` without a proxy on this machine. Elsewhere it is Node's own: it uses the proxy of the environment
 * where NODE_USE_ENV_PROXY says so, and NO_PROXY makes exceptions.
 */
export const fetchAsAsked = (url: string, init: RequestInit): Promise<Response> =>
  ofThisMachine.test(new URL(url).hostname) ? fetchDirectly(url, init) : globalThis.fetch(url, init)
