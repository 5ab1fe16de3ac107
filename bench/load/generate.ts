import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { LoadResult, LoadSpec } from './spec.ts'

const main = fileURLToPath(new URL('./main.js', import.meta.url))

const exitOf = (spec: LoadSpec, signal: AbortSignal | undefined) =>
  new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [main, JSON.stringify(spec)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      ...(signal && { signal }),
    })
    child.once('error', reject)
    child.once('exit', resolve)
  })

/**
 * Runs the load generator to its end; `folder` takes the file with its result for a moment. Aborting `signal`
 * ends it.
 * @throws SagaError `server-failed` when it ends otherwise
 */
export const generate = async (
  folder: string,
  given: Omit<LoadSpec, 'out'>,
  signal?: AbortSignal,
): Promise<LoadResult> => {
  const out = join(folder, `load-${randomUUID()}.json`)
  const code = await exitOf({ ...given, out }, signal)
  if (code !== 0) throw new SagaError('server-failed', `the load generator ended with ${code}`)
  const result = JSON.parse(readFileSync(out, 'utf8')) as LoadResult
  rmSync(out)
  return result
}
