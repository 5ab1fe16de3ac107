import { aboutEndpoints } from './about.ts'
import type { Endpoint } from './endpoint.ts'
import { orderEndpoints } from './orders.ts'
import { stockEndpoints } from './stock.ts'
import { storyEndpoints } from './stories.ts'

/** Every operation of the public API by its name. Routes are made from it, and so is the OpenAPI document. */
export const endpoints = { ...orderEndpoints, ...storyEndpoints, ...stockEndpoints, ...aboutEndpoints }

/** The name of an operation, and its `operationId`. */
export type EndpointName = keyof typeof endpoints

/** Every operation with its name, in the order in which the document has them. */
export const namedEndpoints = Object.entries(endpoints) as readonly [EndpointName, Endpoint][]

const forAnybody = new Set(
  namedEndpoints
    .filter(([, { audience }]) => audience === 'anybody')
    .map(([, { method, path }]) => `${method} ${path}`),
)

/** True for what is answered without a key; `url` as the request line has it. */
export const isForAnybody = (method = '', url = ''): boolean => {
  const end = url.indexOf('?')
  const path = end < 0 ? url : url.slice(0, end)
  return forAnybody.has(`${method === 'HEAD' ? 'GET' : method} ${path}`)
}
