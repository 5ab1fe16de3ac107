import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { parse } from 'yaml'
import { orderMetrics, serviceMetrics, trackingMetrics } from '../../reference/metrics.ts'
import { gaugeHelp } from '../../shared/operations/topology/gauges.ts'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string) => readFileSync(join(project, path), 'utf8')

type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> }
type Target = { expr: string }
type Panel = { id: number; title: string; targets?: readonly Target[] }

const alerts = () =>
  (parse(read('monitoring/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  )
const panels = () => (JSON.parse(read('monitoring/grafana/choreo.json')) as { panels: Panel[] }).panels

const ofProcess = ['process_resident_memory_bytes']
/** What Prometheus says of each target itself. */
const ofTarget = 'up'

/** Every series that can be scraped: a histogram has three. */
const series = () => {
  const own = serviceMetrics().flatMap(({ name, type }) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map(part => `${name}_${part}`) : [name],
  )
  return [
    ...own,
    ...Object.keys(gaugeHelp),
    ...[...orderMetrics(), ...trackingMetrics()].map(({ name }) => name),
    ...ofProcess,
    ofTarget,
  ]
}

/** The series that an expression asks for; what stands in braces and after `by` are labels. */
const asked = (expr: string): readonly string[] =>
  expr
    .replace(/\{[^}]*\}/g, '')
    .replace(/\bby \([^)]*\)/g, '')
    .match(/\bup\b|\b[a-z]+_[a-z_]*[a-z]\b(?!\()/g)
    ?.filter(name => !name.startsWith('$')) ?? []

const labelsAsked = (expr: string): readonly string[] => [
  ...[...expr.matchAll(/\{([^}]*)\}/g)].flatMap(
    ([, inside = '']) => inside.match(/\w+(?=[!=]=?[~"])/g) ?? [],
  ),
  ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside = '']) => inside.split(/,\s*/)),
]

describe('the monitoring files', () => {
  const expressions = () => [
    ...alerts().map(({ alert, expr }) => ({ where: alert, expr })),
    ...panels().flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: title, expr }))),
  ]

  it('ask only for figures that the code tells', () => {
    const known = series()
    expect(expressions().length).to.be.greaterThan(30)
    for (const { where, expr } of expressions()) {
      expect(asked(expr), where).to.not.be.empty
      expect(known, where).to.include.members([...asked(expr)])
    }
  })

  it('ask only for labels that the figures have', () => {
    const labels = [...serviceMetrics(), ...orderMetrics()].flatMap(metric => metric.labels)
    const known = [...labels, 'service', 'le', 'instance', 'job']
    for (const { where, expr } of expressions())
      expect(known, where).to.include.members([...labelsAsked(expr)])
  })

  it('show every figure of the services somewhere', () => {
    const shown = expressions().flatMap(({ expr }) => asked(expr))
    for (const { name } of [...serviceMetrics(), ...orderMetrics()])
      expect(
        shown.some(one => one.startsWith(name)),
        name,
      ).to.equal(true)
  })

  it('alert with a severity, a sentence, and what to do or to know, under names of their own', () => {
    const names = alerts().map(({ alert }) => alert)
    expect(new Set(names).size).to.equal(names.length)
    for (const { alert, labels, annotations } of alerts()) {
      expect(['warning', 'critical'], alert).to.include(labels.severity)
      expect(annotations.summary, alert).to.match(/\w/)
      expect(annotations.description, alert).to.match(/\w/)
    }
  })

  it('scrape the private ports where they are unless set', () => {
    type Scrape = { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] }
    const { scrape_configs } = parse(read('monitoring/prometheus/prometheus.yml')) as Scrape
    const targets = scrape_configs.find(({ job_name }) => job_name === 'choreo')?.static_configs[0]?.targets
    const configuration = read('docs/reference/configuration.md')
    const ports = [...configuration.matchAll(/`CHOREO_HEALTH_PORT`.*`(\d+)` \|$/gm)].map(([, port]) => port)
    expect(targets).to.deep.equal(ports.map(port => `127.0.0.1:${port}`))
  })
})
