import { join } from 'node:path'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import type { Supervised, Watcher } from './supervise.ts'

/** What starting a part of the system needs: where its data is, who is notified, and what to stop later. */
export type Context = Watcher & {
  /** The data folder. */
  folder: string
  /** Where the compiled programs are. */
  build: string
  log: Log
  /** The environment that chooses servers and configures services. */
  env: NodeJS.ProcessEnv
  /** In the order of their start; stopped in reverse. */
  started: Supervised[]
}

/** Stops what was started, in reverse order, for each needs what came before it until its end. */
export const stopStarted = async ({ started }: Pick<Context, 'started'>): Promise<void> => {
  for (const each of started.splice(0).reverse()) await each.stop()
}

/** Where the output of a process goes. */
export const logFileOf = (folder: string, name: string): string => join(folder, 'logs', `${name}.log`)
