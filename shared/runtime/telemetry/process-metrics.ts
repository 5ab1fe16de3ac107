import { Counter, collectDefaultMetrics, Registry } from 'prom-client'

/**
 * How often the delay of the event loop is looked at (ms), which is also the least that it reports. At the
 * default of 10 ms the timer alone wakes an idle process a hundred times a second, at 4 ms CPU a second.
 */
const eventLoopMonitoringPrecision = 50

let ofProcess: Registry | undefined

/**
 * The figures of Node and the operating system: one set for a process, however many services it runs. What is
 * sampled is so from the first call on.
 */
export const processRegistry = (): Registry => {
  if (ofProcess) return ofProcess
  ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision })
  countCpuFromTheStart(ofProcess)
  leaveOutUnmeasuredDelays(ofProcess)
  return ofProcess
}

const cpuTimes = [
  ['process_cpu_user_seconds_total', 'User', ({ user }: NodeJS.CpuUsage) => user],
  ['process_cpu_system_seconds_total', 'System', ({ system }: NodeJS.CpuUsage) => system],
  ['process_cpu_seconds_total', 'User and system', ({ user, system }: NodeJS.CpuUsage) => user + system],
] as const

// The library counts from the moment that it is asked to, and so leaves out the start of a process.
const countCpuFromTheStart = (registry: Registry): void => {
  for (const [name, kind, microseconds] of cpuTimes) {
    registry.removeSingleMetric(name)
    new Counter({
      ...{
        name,
        help: `${kind} CPU time since the start of the process, in seconds.`,
        registers: [registry],
      },
      collect() {
        this.reset()
        this.inc(microseconds(process.cpuUsage()) / 1e6)
      },
    })
  }
}

const delays = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  part => `nodejs_eventloop_lag_${part}_seconds`,
)

type Told = { values: { value: number }[] }
type Readable = { get(): Promise<Told> }

// Without a sample since the last scrape they would be NaN, 0 or 9.2e9.
const leaveOutUnmeasuredDelays = (registry: Registry): void => {
  const metrics = delays.map(name => registry.getSingleMetric(name) as unknown as Readable)
  const [, , mean] = metrics.map(metric => metric.get.bind(metric))
  const isMeasured = async () =>
    (await mean?.())?.values.every(({ value }) => Number.isFinite(value)) ?? false
  for (const metric of metrics) {
    const get = metric.get.bind(metric)
    metric.get = async () => {
      const told = await get()
      return (await isMeasured()) ? told : { ...told, values: [] }
    }
  }
}
