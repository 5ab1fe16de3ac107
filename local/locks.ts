import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder } from './project.ts'

type LockModule = { tryLock(name: string): Promise<(() => void) | undefined> }

// Plain JavaScript, for the bootstrap needs it before anything is compiled; so it stays outside of the build folder.
const lockModule = pathToFileURL(join(projectFolder, 'local', 'lock.mjs')).href

/** Takes the machine-wide lock of this name and answers how to let go of it, or undefined when a live process has it. */
export const tryLock = async (name: string): Promise<(() => void) | undefined> =>
  ((await import(lockModule)) as LockModule).tryLock(name)
