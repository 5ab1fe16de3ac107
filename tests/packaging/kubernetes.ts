import { z } from 'zod'
import type { Manifest } from './kustomize.ts'
import { has, read, sourceOf, yaml, yamlDocuments } from './project.ts'
import { faultsOf, programs, type Variables } from './variables.ts'

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.literal('private') }) })
const Container = z.looseObject({
  image: z.string().regex(/:\d+\.\d+[\w.-]*$/, 'is not pinned'),
  command: z.tuple([
    z.literal('node'),
    z.string().refine(file => has(sourceOf(file)), 'is no program of ours'),
  ]),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  envFrom: z
    .array(
      z.union([
        z.strictObject({ configMapRef: z.object({ name: z.string() }) }),
        z.strictObject({ secretRef: z.object({ name: z.string() }) }),
      ]),
    )
    .default([]),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
  }),
})
type Container = z.output<typeof Container>
const Labels = z.looseObject({
  'app.kubernetes.io/name': z.string(),
  'app.kubernetes.io/part-of': z.literal('choreo'),
})

const podSpecOf = <C extends z.ZodType>(container: C) =>
  z.looseObject({
    automountServiceAccountToken: z.literal(false),
    enableServiceLinks: z.literal(false),
    securityContext: z.looseObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.int().min(1),
      seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
    }),
    containers: z.tuple([container]),
  })
const podOf = <C extends z.ZodType>(container: C) =>
  z.object({ metadata: z.object({ labels: Labels }), spec: podSpecOf(container) })
// It runs no program of ours, but is there for whoever does.
const Tools = z.looseObject({
  kind: z.literal('Pod'),
  spec: podSpecOf(Container.extend({ command: z.array(z.string()) })).extend({
    restartPolicy: z.literal('Never'),
    activeDeadlineSeconds: z.int(),
  }),
})

const Running = Container.extend({
  startupProbe: Probe,
  livenessProbe: Probe.extend({
    httpGet: z.object({ path: z.literal('/livez'), port: z.literal('private') }),
  }),
  readinessProbe: Probe.extend({
    httpGet: z.object({ path: z.literal('/readyz/http'), port: z.literal('private') }),
  }),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
})
const Deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.int().min(1),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: podOf(Running),
  }),
})
const Job = z.looseObject({
  spec: z.looseObject({ backoffLimit: z.int().min(1), template: podOf(Container) }),
})
const Keys = z.record(z.string(), z.string())

const bytesOf = (memory: string): number => Number(/^(\d+)Mi$/.exec(memory)?.[1]) * 1024 ** 2

/** What a Deployment asks for and is allowed, in bytes. */
export const memoryOf = (deployment: Manifest): { requested: number; allowed: number } => {
  const [{ resources }] = Deployment.parse(deployment).spec.template.spec.containers
  return { requested: bytesOf(resources.requests.memory), allowed: bytesOf(resources.limits.memory) }
}

/** The secrets that the template asks for: names of variables by name of secret. */
export const secretsAsked = (): Readonly<Record<string, Variables>> =>
  Object.fromEntries(
    yamlDocuments(read('deploy/kubernetes/secrets.template.yaml')).map(one => {
      const { metadata, stringData } = z
        .object({ kind: z.literal('Secret'), metadata: z.object({ name: z.string() }), stringData: Keys })
        .parse({ ...(one as object), apiVersion: undefined })
      return [metadata.name, stringData] as const
    }),
  )

// Values as somebody would fill them in.
const samples: Variables = {
  AMQP_URL: 'amqps://user:password@rabbitmq.example:5671/choreo',
  RABBITMQ_MANAGEMENT_URL: 'https://admin:password@rabbitmq.example:15671',
  MONGODB_URL: 'mongodb://mongodb.example/?replicaSet=rs0',
  REDIS_URL: 'rediss://redis.example',
  PAYMENT_PROVIDER_URL: 'https://provider.example',
  CARRIER_URL: 'https://carrier.example',
  CHOREO_KEY: 'the-key-of-an-operator',
}
const sampleOf = (name: string) =>
  samples[name] ?? (name.endsWith('_PASSWORD') ? 'a-password-of-some-length' : '')

/**
 * What is wrong with the objects of the project: every program is there, tells how it is, is bounded,
 * harmless, and told what it reads.
 */
export const manifestFaults = (manifests: readonly Manifest[]): string[] => {
  const named = (kind: string, name: string) =>
    manifests.find(one => one.kind === kind && one.metadata.name === name)
  return programs.flatMap(program => {
    const workload = named('Deployment', program) ?? named('Job', program)
    if (!workload) return [`${program} is missing`]
    const parsed = (workload.kind === 'Job' ? Job : Deployment).safeParse(workload)
    if (!parsed.success)
      return parsed.error.issues.map(({ path, message }) => `${program}: ${path.join('.')}: ${message}`)
    const [container] = parsed.data.spec.template.spec.containers
    return [
      ...variableFaults(program, container, manifests),
      ...(workload.kind === 'Job' ? [] : companionFaults(program, workload, manifests)),
    ]
  })
}

/** What is wrong with the pod of the command line, beside these objects. */
export const toolsFaults = (text: string, manifests: readonly Manifest[]): string[] => {
  const parsed = Tools.safeParse(yaml(text))
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const [container] = parsed.data.spec.containers
  const told = { ...container, command: ['node', ''] as Container['command'] }
  return [...variableFaults('tools', told, manifests), ...strangers(told, manifests)]
}

const variableFaults = (program: string, container: Container, manifests: readonly Manifest[]): string[] => {
  const secrets = secretsAsked()
  const faults: string[] = []
  let given: Variables = {}
  for (const from of container.envFrom) {
    const name = 'secretRef' in from ? from.secretRef.name : from.configMapRef.name
    const asked = 'secretRef' in from ? secrets[name] : configOf(name, manifests)
    if (asked === undefined) faults.push(`${program}: nothing is named ${name}`)
    else given = { ...given, ...('secretRef' in from ? filledIn(asked) : asked) }
  }
  const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
  return [...faults, ...faultsOf(program, { ...given, ...own })]
}

const filledIn = (asked: Variables): Variables =>
  Object.fromEntries(Object.keys(asked).map(name => [name, sampleOf(name)]))

const configOf = (name: string, manifests: readonly Manifest[]): Variables | undefined => {
  const found = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
  return found && Keys.parse(found.data)
}

const Selecting = z.looseObject({ spec: z.looseObject({ selector: z.unknown() }) })

/** Each Deployment has its Service and its budget, and both select its pods. */
const companionFaults = (program: string, workload: Manifest, manifests: readonly Manifest[]): string[] => {
  const { spec } = Deployment.parse(workload)
  const labels = JSON.stringify({ 'app.kubernetes.io/name': program })
  const selectorOf = (kind: string) => {
    const found = manifests.find(one => one.kind === kind && one.metadata.name === program)
    return found && JSON.stringify(Selecting.parse(found).spec.selector)
  }
  return [
    ...(JSON.stringify(spec.selector.matchLabels) === labels ? [] : [`${program}: selects other pods`]),
    ...(spec.template.metadata.labels['app.kubernetes.io/name'] === program
      ? []
      : [`${program}: is labelled as another`]),
    ...(selectorOf('Service') === labels ? [] : [`${program}: no Service leads to it`]),
    ...(selectorOf('PodDisruptionBudget') === `{"matchLabels":${labels}}`
      ? []
      : [`${program}: has no budget for disruptions`]),
    ...strangers(spec.template.spec.containers[0], manifests).map(fault => `${program}: ${fault}`),
  ]
}

/** URLs to a Service that is not there. */
const strangers = ({ env }: Container, manifests: readonly Manifest[]): string[] =>
  env
    .filter(({ value }) => value.startsWith('http://'))
    .filter(({ value }) => {
      const { hostname, port } = new URL(value)
      const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === hostname)
      return !JSON.stringify(service ?? {}).includes(`"port":${port}`)
    })
    .map(({ name }) => `${name} leads to no Service`)
