import { expect } from 'chai'
import { manifestFaults, memoryOf, secretsAsked, toolsFaults } from './kubernetes.ts'
import { type Manifest, rendered } from './kustomize.ts'
import { read } from './project.ts'

const base = 'deploy/kubernetes/base'
const overlay = 'deploy/kubernetes/overlays/production'

/** The objects as one text, with a piece of it replaced. */
const broken = (from: string | RegExp, to: string): Manifest[] => {
  const text = JSON.stringify(rendered(base))
  const changed = text.replace(from, to)
  expect(changed, 'the breakage').not.to.equal(text)
  return JSON.parse(changed)
}

describe('the Kubernetes manifests', () => {
  it('have every program, bounded, watched, harmless, and told what it reads', () => {
    expect(manifestFaults(rendered(base))).to.deep.equal([])
    expect(manifestFaults(rendered(overlay))).to.deep.equal([])
  })

  it('have a pod for the command line beside them', () => {
    const text = read('deploy/kubernetes/tools.yaml')
    const faultsWith = (from: string, to: string) =>
      toolsFaults(text.replace(from, to), rendered(base)).join('\n')
    expect(toolsFaults(text, rendered(base))).to.deep.equal([])
    expect(faultsWith('runAsNonRoot: true', 'runAsNonRoot: false')).to.include('runAsNonRoot')
    expect(faultsWith('CHOREO_URL', 'CHOREO_DOOR')).to.include('does not read CHOREO_DOOR')
    expect(
      faultsWith('name: tools }\n      securityContext', 'name: order }\n      securityContext'),
    ).to.include('tools does not read REDIS_URL')
    expect(faultsWith('http://order:3000', 'http://orders:3000')).to.include('leads to no Service')
    expect(faultsWith('activeDeadlineSeconds', 'deadline')).to.include('activeDeadlineSeconds')
  })

  it('all go into the namespace of the overlay', () => {
    const namespaces = new Set(rendered(overlay).map(({ metadata }) => metadata.namespace))
    expect([...namespaces]).to.deep.equal(['choreo'])
  })

  it('have no secret, and a template of each without a value', () => {
    expect(rendered(overlay).filter(({ kind }) => kind === 'Secret')).to.deep.equal([])
    const values = Object.values(secretsAsked()).flatMap(keys => Object.values(keys))
    expect(values.length).to.be.above(20)
    expect(values.filter(value => value !== '')).to.deep.equal([])
  })

  it('ask for as much memory as the bench saw each program take, and are allowed more', () => {
    const lines = read('bench/parts/footprint.jsonl').trim().split('\n')
    const figures = lines.map(line => JSON.parse(line) as { program?: string; mostMb: number })
    const programs = figures.filter(({ program }) => program !== undefined)
    for (const deployment of rendered(base).filter(({ kind }) => kind === 'Deployment')) {
      const { name } = deployment.metadata
      const { requested, allowed } = memoryOf(deployment)
      // A program that is newer than the figures counts as the largest of them.
      const measured = figures.filter(({ program }) => program === name)
      const most = Math.max(...(measured.length > 0 ? measured : programs).map(({ mostMb }) => mostMb))
      expect(requested, name)
        .to.be.at.least(most * 1e6)
        .and.below(allowed)
    }
  })

  it('let only the public API and the monitoring reach a private port', () => {
    const policies = rendered(base).filter(({ kind }) => kind === 'NetworkPolicy')
    const from = (port: string) =>
      policies.flatMap(({ spec }) => {
        const { podSelector, ingress } = spec as {
          podSelector: unknown
          ingress: { ports: { port: string }[] }[]
        }
        const rules = ingress.filter(({ ports }) => ports.some(one => one.port === port))
        return rules.map(rule => ({ podSelector, ...rule }))
      })
    const label = (name: string, value: string) => ({ matchLabels: { [name]: value } })
    expect(from('private')).to.deep.equal([
      {
        podSelector: label('app.kubernetes.io/part-of', 'choreo'),
        from: [
          { podSelector: label('app.kubernetes.io/name', 'order') },
          { namespaceSelector: label('kubernetes.io/metadata.name', 'monitoring') },
        ],
        ports: [{ protocol: 'TCP', port: 'private' }],
      },
    ])
    expect(from('http')).to.deep.equal([
      { podSelector: label('app.kubernetes.io/name', 'order'), ports: [{ protocol: 'TCP', port: 'http' }] },
    ])
  })

  const breakages: readonly (readonly [what: string, from: string | RegExp, to: string, told: string])[] = [
    ['a missing program', '"name":"tracking"', '"name":"follower"', 'tracking is missing'],
    [
      'no readiness',
      '"readinessProbe"',
      '"otherProbe"',
      'order: spec.template.spec.containers.0.readinessProbe',
    ],
    [
      'liveness that waits for servers',
      '"path":"/livez","port":"private"},"periodSeconds":10',
      '"path":"/readyz","port":"private"},"periodSeconds":10',
      'livenessProbe',
    ],
    [
      'readiness that takes everybody out without RabbitMQ',
      '"path":"/readyz/http"',
      '"path":"/readyz"',
      'readinessProbe',
    ],
    ['no limit of memory', '"limits"', '"limit"', 'resources.limits'],
    ['an image without a version', 'choreo:0.1.0', 'choreo:latest', 'is not pinned'],
    ['root', '"runAsNonRoot":true', '"runAsNonRoot":false', 'runAsNonRoot'],
    [
      'a file system that can be written',
      '"readOnlyRootFilesystem":true',
      '"readOnlyRootFilesystem":false',
      'readOnlyRootFilesystem',
    ],
    ['capabilities', '"drop":["ALL"]', '"drop":[]', 'capabilities.drop'],
    [
      'a token of the cluster',
      '"automountServiceAccountToken":false',
      '"automountServiceAccountToken":true',
      'automount',
    ],
    [
      'a program that does not exist',
      'dist/rabbitmq/watch.js',
      'dist/rabbitmq/see.js',
      'is no program of ours',
    ],
    [
      'a secret that nobody has',
      '"secretRef":{"name":"payment"}',
      '"secretRef":{"name":"payments"}',
      'nothing is named payments',
    ],
    [
      'the secret of another',
      '"secretRef":{"name":"payment"}',
      '"secretRef":{"name":"shipping"}',
      'payment does not read CARRIER_URL',
    ],
    [
      'a missing variable',
      '"name":"INVENTORY_URL"',
      '"name":"TRACKING_URL"',
      'order is not told INVENTORY_URL',
    ],
    ['a variable that nobody reads', '"CHOREO_LOG_LEVEL"', '"CHOREO_LOG"', 'does not read CHOREO_LOG'],
    ['a wrong value', '"CHOREO_LOG_LEVEL":"info"', '"CHOREO_LOG_LEVEL":"loud"', 'CHOREO_LOG_LEVEL: expected'],
    [
      'a private port on loopback',
      '"CHOREO_HEALTH_HOST"',
      '"CHOREO_HEALTH"',
      'is not told CHOREO_HEALTH_HOST',
    ],
    ['a URL to nowhere', 'http://tracking:3100', 'http://tracking:3105', 'TRACKING_URL leads to no Service'],
    [
      'a budget for nobody',
      /("PodDisruptionBudget".*?"matchLabels":\{"app.kubernetes.io\/name":")order/,
      '$1orders',
      'order: has no budget',
    ],
    [
      'a Service to nobody',
      '"selector":{"app.kubernetes.io/name":"order"}',
      '"selector":{"app.kubernetes.io/name":"x"}',
      'no Service leads to it',
    ],
  ]
  for (const [what, from, to, told] of breakages)
    it(`would not pass with ${what}`, () => {
      expect(manifestFaults(broken(from, to)).join('\n')).to.include(told)
    })
})
