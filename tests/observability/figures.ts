import { type Metrics, openMetrics } from '../../shared/runtime/telemetry/metrics.ts'

/**
 * What a scrape says: the value of each figure by its name and labels, as `name{a="b"}` without the label of
 * the service.
 */
export const figuresOf = async (metrics: Metrics): Promise<ReadonlyMap<string, number>> =>
  figuresIn(await metrics.text())

/** The figures in the text format of Prometheus. */
export const figuresIn = (text: string): ReadonlyMap<string, number> => {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map(line => {
      const place = line.lastIndexOf(' ')
      const name = line
        .slice(0, place)
        .replace(/service="[^"]*",?/, '')
        .replace(/,?\}$/, '}')
        .replace('{}', '')
      return [name, Number(line.slice(place + 1))]
    }),
  )
}

/** A registry per service, made when it is first asked for. */
export const registries = (): ((service: string) => Metrics) => {
  const made = new Map<string, Metrics>()
  return service => {
    const metrics = made.get(service) ?? openMetrics(service)
    made.set(service, metrics)
    return metrics
  }
}
