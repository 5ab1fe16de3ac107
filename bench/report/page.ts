import { bounds } from './bounds.ts'
import { plotsOf } from './plots.ts'
import type { Results } from './results.ts'
import { type Summary, summariesOf } from './summary.ts'
import {
  contenderTable,
  goalTable,
  processTable,
  resourceTable,
  trialTable,
  workloadTable,
} from './tables.ts'

/** The page and its plots, by their paths below docs/. */
export type Page = Readonly<Record<string, string>>

const runLine = ({ at, machine, options, tookSeconds }: Results): string => {
  const programs = Object.entries(machine.programs).map(([name, version]) => `${name} ${version}`)
  const how = options.quick ? 'quick' : options.full ? 'full' : 'usual'
  return [
    `${at.slice(0, 10)}, ${how}: ${options.repeats} ${options.repeats === 1 ? 'repeat' : 'repeats'} of ${options.seconds} s, ${options.callers} callers, ${Math.round(tookSeconds / 60)} min in all.`,
    `${machine.cpus} CPUs (${machine.model}), ${machine.memoryGb} GB, Node ${machine.node}${programs.length > 0 ? `, ${programs.join(', ')}` : ''}.`,
    'Everything, the load generator too, ran on this one machine. A number is the median of the repeats; in brackets the least and the most.',
  ].join('\n')
}

const plot = (plots: Record<string, string>, file: string, about: string): string[] =>
  plots[file] === undefined ? [] : [`![${about}](performance/${file})`, '']

const notRun = ({ notRun: left }: Results): string[] =>
  left.length === 0 ? [] : ['NOT RUN:', '', ...left.map(({ what, why }) => `- ${what}: ${why}`), '']

const wrong = (summaries: readonly Summary[]): string => {
  const offences = summaries.reduce((sum, one) => sum + one.offences, 0)
  return offences === 0
    ? 'After every run orders, ledgers of the providers, stock and dead letters were compared, and balanced.'
    : `**${offences} promises were broken; these measurements are void.**`
}

const fairness = `- \`saga\` is this project as \`npm start\` runs it, each service a process of its own. Its CPU counts everything: servers, services, simulated
  providers, topology watch. The load generator is counted apart.
- \`naive\` is what a careful team writes first (\`bench/naive\`): the same flow, one document per order and service with a guarded write, inbox ids,
  confirmed publishes before acknowledgements, Redis, the same simulated providers, express and zod; but one message, one event and one write at a
  time. It is frozen. It has no read side, no dead-letter tools, no cancelling, no deadlines and no sweeps, so it does less than \`saga\`.
- \`limit\` moves about the same bytes through the same servers in the largest useful batches, and decides nothing: what this machine could do. It
  promises nothing, so nothing but its having ended is checked.
- \`bullmq\` is BullMQ 5 on a Redis as its documentation recommends for production: append-only file, synced every second, no eviction. A crash can
  lose the last second; \`saga\` loses nothing that it has answered. Five queues, the state of an order in its jobs, at most 500 orders open. No HTTP,
  no calls of providers, no stock, no read side.
- \`dbos\` is DBOS Transact on PostgreSQL as Debian ships it (fsync and synchronous_commit on): one workflow an order, each step on record before the
  next, 64 at once in one process. No HTTP, no calls of providers, no stock.
- The peers place orders from within their own processes, so their CPU counts that, and no network is between. All of that is in favour of the peers.
- A way to the end is seen by asking the API again and again (every 20 ms in a closed loop, every 4 ms in an open one, less often the longer it
  takes: at most 10 % and 5 % too long), of a sample of orders; of the peers from within, and of all. In a closed loop at saturation it shows how much is under way, not how fast one order is.
- CPU is what Linux has counted for the processes and all below them. Two of these machines are never alike: compare ratios of one run.`

/** The page of all measurements, and its plots. The same results always give the same page. Pure. */
export const pageOf = (results: Results): Page => {
  const summaries = summariesOf(results)
  const plots = plotsOf(summaries)
  const lines = [
    '# Performance',
    '',
    'Generated from `bench/results/latest.json` by `npm run bench:report`; do not edit. [How the bench works](../bench/README.md).',
    '',
    runLine(results),
    '',
    wrong(summaries),
    '',
    ...notRun(results),
    ...['## Goals', '', goalTable(summaries), ''],
    ...['## Against others', '', contenderTable(summaries), ''],
    ...plot(plots, 'rate.svg', 'Orders that ended a second, by contender'),
    ...plot(plots, 'cpu.svg', 'CPU an order by process, by contender'),
    ...[processTable(summaries), '', resourceTable(summaries), ''],
    ...['## This project under other loads', '', trialTable(summaries), ''],
    ...plot(plots, 'workloads.svg', 'Orders that ended a second, by workload'),
    ...plot(plots, 'latency.svg', 'From the intended submission to the end'),
    ...['## What limits these rates', '', bounds, ''],
    ...['## The workloads', '', workloadTable(), ''],
    ...['## What is compared', '', fairness, ''],
    ...['## Run it yourself', '', '```sh', 'npm run bench -- --quick', '```', ''],
    'Without `--quick` it repeats everything three times and takes most of an hour. It starts private servers and leaves nothing behind.',
    '',
  ]
  return {
    'performance.md': lines.join('\n'),
    ...Object.fromEntries(Object.entries(plots).map(([file, svg]) => [`performance/${file}`, svg])),
  }
}
