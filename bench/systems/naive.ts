import { startOwnPrograms } from './own-programs.ts'
import type { HttpSystem } from './system.ts'

const services = ['order', 'inventory', 'payment', 'shipping'] as const

/** The saga as a careful team writes it first, four processes on private servers; see bench/naive. */
export const startNaive = (options: {
  stockUnits: number
  say: (line: string) => void
}): Promise<HttpSystem> =>
  startOwnPrograms({
    contender: 'naive',
    say: options.say,
    variables: { BENCH_STOCK_UNITS: String(options.stockUnits) },
    letters: services.map(name => `${name}.dlq`),
    programs: port =>
      Promise.all(services.map(async name => ({ name, main: `naive/${name}.js`, port: await port() }))),
  })
