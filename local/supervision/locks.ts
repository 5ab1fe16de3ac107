import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder } from '../../system/project.ts'

type LockModule = {
  tryLock(name: string): Promise<(() => void) | undefined>
  lock(name: string, onWait: () => void): Promise<() => void>
}

// Plain JavaScript, for the bootstrap needs it before anything is compiled; so it stays outside of the build
// folder.
const lockModule = async () =>
  (await import(pathToFileURL(join(projectFolder, 'local', 'lock.mjs')).href)) as LockModule

/**
 * Takes the machine-wide lock of this name and answers how to let go of it, or undefined when a live process
 * has it.
 */
export const tryLock = async (name: string): Promise<(() => void) | undefined> =>
  (await lockModule()).tryLock(name)

/**
 * Takes the machine-wide lock of this name as soon as it is free, and answers how to let go of it; `onWait`
 * is called once when it is not.
 */
export const lock = async (name: string, onWait: () => void): Promise<() => void> =>
  (await lockModule()).lock(name, onWait)
