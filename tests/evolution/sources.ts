import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../docs/page.ts'
import { type Edit, edited } from './page-steps.ts'

/** What a command did: whether it went well, and all that it wrote. */
export type Outcome = { readonly ok: boolean; readonly output: string }

/** A copy of the sources, in which a test may change and compile what it wants. */
export type Sources = {
  readonly folder: string
  /** Where its compiled code is. */
  readonly build: string
  make(edits: readonly Edit[]): void
  /** Takes these edits back, and what was published and recorded. */
  undo(edits: readonly Edit[]): void
  run(program: string, ...args: readonly string[]): Promise<Outcome>
  remove(): void
}

const parts: readonly string[] = [
  ...(JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { include: string[] }).include,
  ...['docs', 'package.json', 'tsconfig.json'],
]
const writtenOnce = ['docs/reference', 'tests/contract/golden']

/** Copies the sources of this project, or those of a folder, with what is compiled there. */
export const copyOf = ({ folder: from }: Pick<Sources, 'folder'> = { folder: root }): Sources => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-release-'))
  for (const part of [...parts, 'dist']) cpSync(join(from, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // The packages then have the paths that they had when it was compiled: only what changes is compiled again.
  const file = join(folder, 'tsconfig.json')
  const { compilerOptions, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(
    file,
    JSON.stringify({ ...rest, compilerOptions: { ...compilerOptions, preserveSymlinks: true } }),
  )
  return {
    ...{ folder, build: join(folder, 'dist') },
    make: edits => {
      for (const edit of edits) {
        const file = join(folder, edit.file)
        writeFileSync(file, edited(readFileSync(file, 'utf8'), edit))
      }
    },
    undo: edits => {
      for (const path of writtenOnce) rmSync(join(folder, path), { recursive: true })
      for (const path of [...writtenOnce, ...edits.map(({ file }) => file)])
        cpSync(join(root, path), join(folder, path), { recursive: true })
    },
    run: (program, ...args) => run(folder, program, args),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

const run = async (cwd: string, program: string, args: readonly string[]): Promise<Outcome> => {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env, maxBuffer: 1e8 })
    return { ok: true, output: stdout + stderr }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { ok: false, output: `${stdout}${stderr}` || String(error) }
  }
}
