import { namedEndpoints } from '../../services/order/http/api/endpoints.ts'
import { callOf, everyPrivateEndpoint, type PrivateEndpoints } from '../../shared/runtime/private-port.ts'
import { aboutVariable } from '../../shared/runtime/variable.ts'
import { erasureEndpoints } from '../../shared/saga/erase.ts'
import { table } from '../page.ts'
import { type Portrayed, toRoot } from './portrayed.ts'

/** Whom it calls over HTTP, by the variables that say where they are. */
export const calling = ({ variables }: Portrayed): string => {
  const others = Object.keys(variables).filter(name => name.endsWith('_URL') && !servers.includes(name))
  if (others.length === 0) return 'Nobody.'
  return table(
    ['whom', 'found by'],
    others.map(name => [aboutVariable(variables[name] as never).description, `\`${name}\``]),
  )
}

const servers = ['AMQP_URL', 'MONGODB_URL', 'REDIS_URL', 'RABBITMQ_MANAGEMENT_URL']

/** The public door, of the service that has it. */
export const publicDoor = ({ name }: Portrayed): string | undefined =>
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
export const endpointsOf = ({ canvas, service }: Portrayed): PrivateEndpoints => ({
  ...everyPrivateEndpoint,
  ...(service ? erasureEndpoints(service.saga.subject) : {}),
  ...canvas.endpoints,
})

/** Its private port. */
export const privateDoor = (one: Portrayed): string => {
  const port = one.variables.CHOREO_HEALTH_PORT?.safeParse(undefined).data
  return [
    `Port ${port} unless set. It asks nobody who they are: keep it private.`,
    table(
      ['call', 'answers'],
      Object.entries(endpointsOf(one)).map(([route, answers]) => [`\`${callOf(route)}\``, answers]),
    ),
  ].join('\n\n')
}

/** Where its variables and its figures are listed. */
export const settings = ({ name, service, variables }: Portrayed): string => {
  const figures = service ? 'the-services-of-the-saga' : name
  return [
    `[Variables](${toRoot}/docs/reference/configuration.md#${name}): ${Object.keys(variables)
      .map(variable => `\`${variable}\``)
      .join(', ')}.`,
    `[Figures](${toRoot}/docs/reference/metrics.md#${figures}) at \`GET /metrics\` of the private port.`,
  ].join('\n\n')
}
