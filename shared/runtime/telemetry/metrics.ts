import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { boundedLabels } from './bounded-labels.ts'
import { processRegistry } from './process-metrics.ts'

/** One value of a gauge, with its labels if it has any. */
export type Reading = { readonly value: number; readonly labels?: Readonly<Record<string, string>> }

type About = { readonly name: string; readonly help: string; readonly labels?: readonly string[] }

export type Description = {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'histogram' | 'gauge'
  readonly labels: readonly string[]
}

/**
 * Everything that one service counts and measures. Names and labels are fixed when they are made; a name is
 * used once.
 */
export type Metrics = {
  counter(about: About): (labels?: Record<string, string>, by?: number) => void
  histogram(
    about: About & { buckets: readonly number[] },
  ): (labels: Record<string, string>, value: number) => void
  /** Asked when somebody reads the metrics; what it throws leaves the gauge out and the others in. */
  gauge(about: About, read: () => number | readonly Reading[] | Promise<number | readonly Reading[]>): void
  /** What there is, in order of its names. */
  described(): readonly Description[]
  /** In the text format of Prometheus, with the metrics of the whole process. */
  text(): Promise<string>
}

/** Buckets (s) for what takes from a millisecond to ten seconds. */
export const secondsOfWork = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export const textType = Registry.PROMETHEUS_CONTENT_TYPE

/** What the services of this process count, each in a registry of its own. */
const ofServices: Registry[] = []

/** One metric as it is now. */
export type Sample = {
  readonly name: string
  readonly help: string
  readonly type: string
  /** `metricName` distinguishes the buckets, the sum and the count of a histogram. */
  readonly values: readonly {
    readonly value: number
    readonly labels: Readonly<Partial<Record<string, string | number>>>
    readonly metricName?: string
  }[]
}

/** Everything that this process counts and measures, whatever services it runs. */
export const samples = async (): Promise<readonly Sample[]> => {
  const read = [processRegistry(), ...ofServices].map(registry => registry.getMetricsAsJSON())
  return (await Promise.all(read)).flat() as unknown as readonly Sample[]
}

/** Memory, CPU and event loop of this process in the text format of Prometheus. */
export const processText = (): Promise<string> => processRegistry().metrics()

/**
 * An empty registry; every metric has the label `service`, and each other label has at most 50 values and
 * `other`. The metrics of the process are sampled from here on.
 */
export const openMetrics = (service: string): Metrics => {
  processRegistry()
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  ofServices.push(registry)
  const made: Description[] = []
  const base = (type: Description['type'], { name, help, labels = [] }: About) => {
    made.push({ name, help, type, labels })
    return { name, help, labelNames: [...labels], registers: [registry] }
  }
  return {
    counter: about => {
      const counter = new Counter(base('counter', about))
      const bound = boundedLabels(about.labels ?? [])
      return (labels = {}, by = 1) => counter.inc(bound(labels), by)
    },
    histogram: ({ buckets, ...about }) => {
      const histogram = new Histogram({ ...base('histogram', about), buckets: [...buckets] })
      const bound = boundedLabels(about.labels ?? [])
      return (labels, value) => histogram.observe(bound(labels), value)
    },
    gauge: (about, read) => {
      const bound = boundedLabels(about.labels ?? [])
      new Gauge({
        ...base('gauge', about),
        async collect() {
          // One that cannot be read, such as while its server is away, must not hide the others.
          const readings = await Promise.resolve()
            .then(read)
            .catch(() => [])
          this.reset()
          for (const { labels = {}, value } of asReadings(readings)) this.set(bound(labels), value)
        },
      })
    },
    described: () => made.toSorted((a, b) => a.name.localeCompare(b.name)),
    text: async () => `${await registry.metrics()}${await processText()}`,
  }
}

const asReadings = (found: number | readonly Reading[]): readonly Reading[] =>
  typeof found === 'number' ? [{ value: found }] : found
