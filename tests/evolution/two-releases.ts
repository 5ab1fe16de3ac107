import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backAgain, pidOf } from '../../harness/kill-process.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { type OwnedProcess, startOwned } from '../../local/supervision/owned-process.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { serviceVariables } from '../../local/system/service-environment.ts'
import { type ServiceName, serviceNames } from '../../services/registry.ts'
import { isAlive } from '../../system/process.ts'
import { startWholeSystem, type WholeSystem } from '../faults/whole-system.ts'
import { figuresIn } from '../observability/figures.ts'
import { nextRelease } from './next-release.ts'

/** This release, and the one that comes of the page about a new version. */
export type Release = 'old' | 'next'

/** An instance of a service that no supervisor starts again. */
export type Beside = { readonly url: string; readonly process: OwnedProcess }

/** A whole system whose services are deployed in one of two releases, each by its own link. */
export type TwoReleases = {
  readonly whole: WholeSystem
  readonly next: { readonly build: string }
  /**
   * Deploys a service in a release: the running instance is told to stop. Resolves when the new one works,
   * with when the old one was gone.
   */
  roll(service: ServiceName, release: Release): Promise<number>
  /** Starts one more instance of a service. */
  startBeside(service: ServiceName, release: Release): Promise<Beside>
  urlOf(name: string): string
  stop(): Promise<void>
}

const deadlineMs = 60_000
const here = fileURLToPath(new URL('../../', import.meta.url))

export const startTwoReleases = async (): Promise<TwoReleases> => {
  const next = await nextRelease()
  const builds: Record<Release, string> = { old: here, next: next.build }
  const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
  const link = (path: string, release: Release) => {
    const made = join(folder, `${path}.new`)
    symlinkSync(join(builds[release], path), made)
    renameSync(made, join(folder, path))
  }
  mkdirSync(join(folder, 'services'))
  for (const path of ['local', 'rabbitmq', ...serviceNames.map(name => `services/${name}`)]) link(path, 'old')
  const whole = await startWholeSystem({ build: folder })
  const beside: OwnedProcess[] = []
  const roll = async (service: ServiceName, release: Release) => {
    const pid = pidOf(whole.system.folder, service)
    link(`services/${service}`, release)
    process.kill(pid, 'SIGTERM')
    await waitUntil(`the end of ${service}`, async () => !isAlive(pid), { deadlineMs })
    const goneAt = Date.now()
    await backAgain(whole.system.folder, service, pid)
    return goneAt
  }
  const startBeside = async (service: ServiceName, release: Release) => {
    const started = await besideOf(whole, service, join(builds[release], 'services', service, 'main.js'))
    beside.push(started.process)
    return started
  }
  const stop = async () => {
    await Promise.all(beside.map(one => one.stop()))
    await whole.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const urlOf = (name: string) => whole.system.run().find(entry => entry.name === name)?.url ?? ''
  return { whole, next, roll, startBeside, urlOf, stop }
}

const besideOf = async ({ system }: WholeSystem, service: ServiceName, main: string): Promise<Beside> => {
  const { folder, connections, secrets } = system
  const port = await freePort()
  const health = Object.fromEntries(serviceNames.map(name => [name, port])) as Record<ServiceName, number>
  // What only some services are told does not concern the one that runs beside another.
  const ports = { http: 0, paymentProvider: 0, carrier: 0, topologyWatch: 0, health }
  const name = `${service}-beside`
  const url = `http://127.0.0.1:${port}`
  const started = await startOwned({
    ...{ name, folder: join(folder, 'pids'), logFile: join(folder, 'logs', `${name}.log`) },
    ...{ command: process.execPath, args: [main] },
    env: { ...process.env, ...serviceVariables(service, connections, secrets, ports) },
  })
  const isReady = async () => (await fetch(`${url}/readyz`)).ok
  await waitUntil(name, isReady, { deadlineMs })
  return { url, process: started }
}

/** What an instance has counted so far under this name and these labels. */
export const counted = async (url: string, figure: string): Promise<number> =>
  figuresIn(await (await fetch(`${url}/metrics`)).text()).get(figure) ?? 0
