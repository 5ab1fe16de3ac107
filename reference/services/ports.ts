import { namedEndpoints } from '../../services/order/api/openapi/endpoints.ts'
import { variableNote } from '../../shared/runtime/configuration/variable.ts'
import {
  callOf,
  everyPrivateEndpoint,
  type PrivateEndpoints,
} from '../../shared/runtime/http/private-port.ts'
import { erasureEndpoints } from '../../shared/saga/process/erase.ts'
import { resolutionEndpoints } from '../../shared/saga/process/resolve.ts'
import { table } from '../page.ts'
import { type DescribedService, toRoot } from './described-services.ts'

/** Whom it calls over HTTP, by the variables that say where they are. */
export const calling = ({ variables }: DescribedService): string => {
  const others = Object.keys(variables).filter(name => name.endsWith('_URL') && !servers.includes(name))
  if (others.length === 0) return 'Nobody.'
  return table(
    ['called', 'found by'],
    others.map(name => [variableNote(variables[name] as never).description, `\`${name}\``]),
  )
}

const servers = ['AMQP_URL', 'MONGODB_URL', 'REDIS_URL', 'RABBITMQ_MANAGEMENT_URL']

/** The public API, of the service that has it. */
export const publicApi = ({ name }: DescribedService): string | undefined =>
  name === 'order'
    ? `${publicRoutes()}\n\nIn detail: [openapi.json](${toRoot}/docs/reference/openapi.json).`
    : undefined

const publicRoutes = () =>
  table(
    ['call', 'what for', 'whose key'],
    namedEndpoints.map(([, { method, path, summary, audience = 'callers and operators' }]) => [
      `\`${method} ${path}\``,
      summary,
      audience === 'anybody' ? 'none' : audience,
    ]),
  )

/** What its private port answers. */
export const endpointsOf = ({ description, service }: DescribedService): PrivateEndpoints => ({
  ...everyPrivateEndpoint,
  ...(service ? erasureEndpoints(service.saga.subject) : {}),
  ...(service ? resolutionEndpoints(service.saga.subject) : {}),
  ...description.endpoints,
})

/** Its private port. */
export const privatePortOf = (one: DescribedService): string => {
  const port = one.variables.CHOREO_HEALTH_PORT?.safeParse(undefined).data
  return [
    `Port ${port} unless set. It asks nobody who they are: keep it private.`,
    table(
      ['call', 'answers'],
      Object.entries(endpointsOf(one)).map(([route, answers]) => [`\`${callOf(route)}\``, answers]),
    ),
  ].join('\n\n')
}

/** Where its variables and its metrics are listed. */
export const settings = ({ name, service, variables }: DescribedService): string => {
  const metrics = service ? 'the-services-of-the-saga' : name
  return [
    `[Variables](${toRoot}/docs/reference/configuration.md#${name}): ${Object.keys(variables)
      .map(variable => `\`${variable}\``)
      .join(', ')}.`,
    `[Metrics](${toRoot}/docs/reference/metrics.md#${metrics}) at \`GET /metrics\` of the private port.`,
  ].join('\n\n')
}
