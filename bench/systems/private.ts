import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../../local/supervision/context.ts'
import { projectBuild } from '../../local/system/system.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { openRunList } from '../../system/run-list.ts'

/** What the environment may say of servers: a bench takes none that others use. */
const ofServers = ['AMQP_URL', 'RABBITMQ_MANAGEMENT_URL', 'MONGODB_URL', 'REDIS_URL', 'CHOREO_DATA']

/** Docker's processes are not ours to count. */
export const refuseDocker = (): void => {
  process.env.CHOREO_DOCKER = 'never'
}

/** The environment of a private system: `given` on top of ours, without servers of others. */
export const privateEnvironment = (given: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofServers.includes(name))),
  ...given,
})

/** With what programs are started whose logs and run list are in `folder`. */
export const privateContext = (
  folder: string,
  say: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Context => ({
  ...{ folder, say, env, list: openRunList(folder), random: systemRandom, started: [] },
  ...{ build: projectBuild, log: silentLog },
})

/** A folder of its own below the temporary one, and how it is taken away. */
export const privateFolder = (name: string): { folder: string; remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), `choreo-bench-${name}-`))
  // PostgreSQL runs as another user, who has to come to what is his below it.
  chmodSync(folder, 0o711)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}
