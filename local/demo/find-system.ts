import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpAddressOf } from '../../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { dataFolderOf } from '../../system/data-folder.ts'
import { readRunList } from '../../system/run-list.ts'
import { findRunning } from '../../system/running.ts'
import { freePort } from '../bring-up/ports.ts'
import { waitUntil } from '../supervision/wait.ts'
import { httpPortOf } from '../system/settings.ts'
import { startSystem } from '../system/system.ts'

/** Where a system is, seen from outside. */
export type Found = {
  url: string
  paymentProvider: string
  carrier: string
  /** Its data folder with run.json, when it is on this machine. */
  folder: string | undefined
  /** True when nobody else can be using it. */
  ours: boolean
  stop(): Promise<void>
}

type Say = (line: string) => void

/**
 * The system that the environment names, else the one that runs from the data folder, else a new one in a
 * folder of its own.
 */
export const findSystem = async (
  env: NodeJS.ProcessEnv,
  { say, signal }: { say: Say; signal: AbortSignal },
): Promise<Found> => {
  if (env.CHOREO_HTTP_URL) return named(env, env.CHOREO_HTTP_URL)
  const folder = dataFolderOf(env)
  if (findRunning(folder)) return running(folder, say)
  say('No system runs; starting one in a folder of its own. It is stopped again at the end.')
  return ownSystem(env, say, signal)
}

const nothing = async () => {}

const named = (env: NodeJS.ProcessEnv, url: string): Found => {
  const folder = dataFolderOf(env)
  const run = findRunning(folder)?.run ?? []
  const providerOf = (variable: string, name: string): string => {
    const given = env[variable] || run.find(entry => entry.name === name)?.url
    if (given) return httpAddressOf(given, variable).base
    throw new SagaError('config-invalid', `with CHOREO_HTTP_URL, ${variable} must say where ${name} is`, {
      retry: 'never',
    })
  }
  const paymentProvider = providerOf('PAYMENT_PROVIDER_URL', 'payment-provider')
  const carrier = providerOf('CARRIER_URL', 'carrier')
  const api = httpAddressOf(url, 'CHOREO_HTTP_URL').base
  return { url: api, paymentProvider, carrier, folder, ours: false, stop: nothing }
}

const placesIn = (folder: string) => {
  const urlOf = (name: string) => readRunList(folder).find(entry => entry.name === name)?.url
  const [url, paymentProvider, carrier] = [urlOf('order'), urlOf('payment-provider'), urlOf('carrier')]
  return url && paymentProvider && carrier ? { url, paymentProvider, carrier } : undefined
}

const startedWithinMs = 180_000

const running = async (folder: string, say: Say): Promise<Found> => {
  const isListed = async () => placesIn(folder) !== undefined
  const gone = () => (findRunning(folder) ? undefined : 'it has stopped')
  if (!(await isListed())) say(`Waiting for the system in ${folder}, which is still starting ...`)
  await waitUntil(`the system in ${folder}`, isListed, { deadlineMs: startedWithinMs, gone })
  const places = placesIn(folder)
  if (!places) throw new SagaError('server-failed', `the system in ${folder} has just stopped`)
  say(`Using the system at ${places.url}, which runs from ${folder}.`)
  return { ...places, folder, ours: false, stop: nothing }
}

const ownSystem = async (env: NodeJS.ProcessEnv, say: Say, signal: AbortSignal): Promise<Found> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-demo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const httpPort = env.CHOREO_HTTP_PORT ? httpPortOf(env) : await freePort()
    const system = await startSystem({ folder, httpPort, say: line => say(`  ${line}`), env, signal })
    const stop = () => system.stop().finally(remove)
    const places = placesIn(system.folder)
    if (!places) throw new SagaError('server-failed', `${system.folder} does not list what was started`)
    return { ...places, folder: system.folder, ours: true, stop }
  } catch (error) {
    remove()
    throw error
  }
}
