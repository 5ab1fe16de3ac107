import { join } from 'node:path'
import { keptPorts } from '../../local/bring-up/kept-ports.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { stopStarted } from '../../local/supervision/context.ts'
import { oneEach, startAll } from '../../local/system/programs.ts'
import { type ServicePorts, serviceVariables } from '../../local/system/service-environment.ts'
import type { System } from '../../local/system/system.ts'
import { serviceNames } from '../../services/registry.ts'
import type { RunEntry } from '../../system/run-list.ts'
import { privateContext } from './private.ts'

/** A second instance of each service of a system. */
export type SecondInstances = {
  readonly url: string
  /** Where its logs, its run list and its ports are. */
  readonly folder: string
  readonly run: () => readonly RunEntry[]
  stop(): Promise<void>
}

const portIn = (run: readonly RunEntry[], name: string) => run.find(entry => entry.name === name)?.port ?? 0

const portsIn = async (folder: string, system: System): Promise<ServicePorts> => {
  const [run, health] = [system.run(), await keptPorts(join(folder, 'ports.json'), serviceNames)]
  const [paymentProvider, carrier] = [portIn(run, 'payment-provider'), portIn(run, 'carrier')]
  return { http: await freePort(), paymentProvider, carrier, health }
}

/**
 * Starts another process of every service, as `docs/scaling.md` describes: ports and logs are its own; broker
 * users, stores, Redis and providers are those of the first. It has to be stopped before the system.
 * @throws SagaError `server-failed` when one does not become ready
 */
export const startSecondInstances = async (
  system: System,
  { say, env }: { say: (line: string) => void; env: NodeJS.ProcessEnv },
): Promise<SecondInstances> => {
  const folder = join(system.folder, 'second')
  const context = privateContext(folder, say, env)
  const ports = await portsIn(folder, system)
  const stop = () => stopStarted(context)
  try {
    await startAll(
      context,
      oneEach(ports, name => serviceVariables(name, system.connections, system.secrets, ports)),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `http://127.0.0.1:${ports.http}`, folder, run: context.list.entries, stop }
}
