import { relative } from 'node:path'
import type { System } from './system.ts'

const shown = (path: string): string => {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

const management = ({ connections, secrets }: System): string => {
  const { admin } = connections.broker
  return admin
    ? `${admin.managementUrl}   user operator, password ${secrets.operator}`
    : 'of the given broker'
}

/** What somebody who has just started the system wants to know, and a first order to place. */
export const welcome = (system: System): string => `
Choreo is running.

  HTTP         ${system.url}
  RabbitMQ UI  ${management(system)}
  Logs         ${shown(`${system.folder}/logs`)}
  What runs    ${shown(`${system.folder}/run.json`)}
  Stop         Ctrl-C

Place an order, then ask for it under the Location that comes back:

  curl -i ${system.url}/orders -H 'content-type: application/json' -d '{
    "customerId": "ada", "lines": [{ "sku": "SKU-1", "quantity": 2 }], "payment": { "token": "tok_approve" },
    "shipTo": { "name": "Ada", "line1": "1 High Street", "city": "London", "postalCode": "N1 9GU", "country": "GB" } }'
`
