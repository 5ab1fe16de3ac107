import { Ajv2020 } from 'ajv/dist/2020.js'
import { z } from 'zod'
import { loginFaults } from './logins.ts'
import { has, read, sourceOf, yaml } from './project.ts'
import { faultsOf, programs, type Variables } from './variables.ts'

const Service = z.looseObject({
  image: z.string().optional(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.union([z.string(), z.array(z.string())]).optional(),
  profiles: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z
    .looseObject({
      disable: z.boolean().optional(),
      test: z.union([z.string(), z.array(z.string())]).optional(),
    })
    .optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
})
export type ComposeService = z.output<typeof Service>
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()).default({}),
})

const ajv = new Ajv2020({ strict: false, logger: false, formats: { duration: true } })
const validate = ajv.compile(JSON.parse(read('tests/packaging/compose-spec/compose-spec.json')))

/** The variables that a compose file asks for. */
export const askedBy = (text: string): string[] => [
  ...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)),
]

/**
 * A compose file with its variables filled in as docker compose does: `${A}`, `${A:-default}`, `${A:?why}`.
 */
export const filledIn = (text: string, env: Variables): string =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind = '-', other = '') => {
    const value = env[name] || (kind === '-' ? other : undefined)
    if (value === undefined) throw new Error(`${name}: ${other}`)
    return value
  })

/** The containers of a compose file. */
export const composeServices = (text: string): Readonly<Record<string, ComposeService>> =>
  Compose.parse(yaml(text)).services

/** What the official schema says against a compose file. */
export const schemaFaults = (text: string): string[] =>
  validate(yaml(text)) ? [] : [ajv.errorsText(validate.errors)]

/**
 * What is wrong with a compose file whose variables are filled in: it has to be a whole system that gives
 * away nothing.
 */
export const composeFaults = (text: string): string[] => {
  const { services, volumes } = Compose.parse(yaml(text))
  const missing = [...programs, 'tools']
    .filter(program => !services[program])
    .map(program => `${program} is missing`)
  const faults = Object.entries(services).flatMap(([name, service]) =>
    [
      ...imageFaults(service),
      ...(isOurs(service) ? programFaults(name, service, services) : serverFaults(service)),
      ...loginFaults(name, service, services),
      ...service.ports
        .filter(port => !port.startsWith('127.0.0.1:'))
        .map(port => `${port} is published to all`),
      ...dependencyFaults(service, services),
      ...service.volumes
        .map(volume => volume.split(':')[0] ?? '')
        .filter(from => (from.startsWith('./') ? !has(from) : !Object.hasOwn(volumes, from)))
        .map(from => `there is no ${from}`),
    ].map(fault => `${name}: ${fault}`),
  )
  return [...missing, ...faults]
}

const isOurs = ({ build }: ComposeService) => build !== undefined

const imageFaults = ({ image = '' }: ComposeService) =>
  /:\d+\.\d+[\w.-]*$/.test(image) ? [] : [`${image} is not pinned`]

const serverFaults = (server: ComposeService) => [
  ...(server.healthcheck ? [] : ['has no health check']),
  ...(server.security_opt.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
]

const programFaults = (
  name: string,
  program: ComposeService,
  all: Readonly<Record<string, ComposeService>>,
) => {
  const { entrypoint, command, environment, cap_drop: dropped, stop_grace_period: grace = '10s' } = program
  const [node, file = ''] = entrypoint ?? (typeof command === 'object' ? command : [])
  const reads = programs.includes(name) || Object.keys(environment).length > 0
  return [
    ...(node === 'node' && has(sourceOf(file)) ? [] : [`${String(command)} is no program of ours`]),
    ...(program.read_only ? [] : ['its file system can be written']),
    ...(dropped.includes('ALL') ? [] : ['keeps capabilities']),
    ...(program.security_opt.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
    ...(program.restart ? [] : ['has no restart policy']),
    // A stop has 10 s, and is killed when that is all it gets.
    ...(Number.parseInt(grace, 10) > 10 ? [] : ['is killed before it has finished']),
    ...(reads ? faultsOf(name, environment) : []),
    ...strangers(environment, Object.keys(all)),
  ]
}

/** URLs to what is not in the file. */
const strangers = (environment: Variables, names: readonly string[]) =>
  Object.entries(environment)
    .filter(([, value]) => URL.canParse(value) && value.includes('://'))
    .filter(([, value]) => !names.includes(new URL(value).hostname))
    .map(([variable]) => `${variable} leads to no service of the file`)

const dependencyFaults = (service: ComposeService, all: Readonly<Record<string, ComposeService>>) =>
  Object.entries(service.depends_on).flatMap(([name, { condition }]) => {
    const other = all[name]
    if (!other) return [`waits for ${name}, which is not there`]
    const ends = other.restart === 'no'
    const right = ends ? 'service_completed_successfully' : 'service_healthy'
    return condition === right ? [] : [`waits for ${name} to be ${condition}, not ${right}`]
  })
