import { Agent, fetch as undiciFetch } from 'undici'

// The global fetch goes through the proxy of the environment where Node is told so (NODE_USE_ENV_PROXY), also
// to this machine: a proxy knows neither loopback nor the servers of a private network.
const dispatcher = new Agent()

/** `fetch` that reaches its server without a proxy, whatever the environment says. */
export const fetchDirectly = (url: string, init: RequestInit = {}): Promise<Response> =>
  untyped(url, { ...init, dispatcher })

// The types of the package and those of Node name the same things twice.
const untyped = undiciFetch as unknown as (url: string, init: object) => Promise<Response>
