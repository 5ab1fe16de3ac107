import { execFile } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { postgresPrograms } from '../local/servers/postgres-programs.ts'
import type { Machine } from './report/results.ts'

const run = promisify(execFile)

/** The version that a program says it is; nothing when there is no such program. */
const versionOf = async (name: string, command: string, args: readonly string[]) => {
  try {
    const { stdout } = await run(command, [...args])
    const [version] = /\d+(\.\d+)+/.exec(stdout) ?? []
    return version === undefined ? [] : [[name, version] as const]
  } catch {
    return []
  }
}

/** On what this bench runs, and which versions of the servers are here. */
export const thisMachine = async (): Promise<Machine> => {
  const found = await Promise.all([
    versionOf('RabbitMQ', 'dpkg-query', ['-s', 'rabbitmq-server']),
    versionOf('Redis', 'redis-server', ['--version']),
    versionOf('PostgreSQL', join(postgresPrograms() ?? '', 'postgres'), ['--version']),
  ])
  return {
    cpus: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1_024 ** 3),
    node: process.versions.node,
    programs: Object.fromEntries(found.flat()),
  }
}
