import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { copiedBy, copiedIntoImage } from './dockerfile.ts'
import { read, root } from './project.ts'

const run = promisify(execFile)

/** The files that an image would have, in a folder. */
export type ImageFiles = { readonly folder: string; remove(): void }

/**
 * Does what the Dockerfile says, but for what needs an engine: its compiler run over what it copies and
 * .dockerignore lets in, beside the packages of the lock file that are not for development alone.
 */
export const filesOfImage = async (): Promise<ImageFiles> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-image-'))
  const [build, image] = [join(folder, 'build'), join(folder, 'choreo')]
  const dockerfile = read('Dockerfile')
  for (const file of contextOf(copiedBy(dockerfile))) copy(file, build)
  symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'))
  await compile(build, /^RUN npx tsc (.*)$/m.exec(dockerfile)?.[1] ?? '')
  cpSync(join(build, 'dist'), join(image, 'dist'), { recursive: true })
  for (const file of [...copiedIntoImage(dockerfile), ...productionPackages()]) copy(file, image)
  chmodSync(folder, 0o755) // for the user that the programs run as
  return { folder: image, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

const copy = (file: string, to: string) => {
  mkdirSync(dirname(join(to, file)), { recursive: true })
  cpSync(join(root, file), join(to, file), { recursive: true })
}

const compile = async (build: string, args: string): Promise<void> => {
  const compiler = join(build, 'node_modules', 'typescript', 'bin', 'tsc')
  await run(process.execPath, [compiler, ...args.split(' ')], { cwd: build }).catch(error => {
    throw new Error(`the image is not compiled:\n${error.stdout}`)
  })
}

/** The files below what is copied that .dockerignore lets in. */
const contextOf = (copied: readonly string[]): string[] => {
  const [taken, left] = rules()
  return copied
    .flatMap(filesBelow)
    .filter(file => taken.some(rule => rule.test(file)) && !left.some(rule => rule.test(file)))
}

const filesBelow = (path: string): string[] => {
  const below = readdirSync(dirname(join(root, path)), { withFileTypes: true }).find(
    ({ name }) => name === path.split('/').at(-1),
  )
  if (!below?.isDirectory()) return [path]
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
}

/**
 * What .dockerignore takes back from its first line, which leaves everything out, and what it leaves out all
 * the same.
 */
const rules = (): [taken: RegExp[], left: RegExp[]] => {
  const [all, ...lines] = read('.dockerignore')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  if (all !== '*') throw new Error('.dockerignore does not begin with leaving everything out')
  const asRule = (pattern: string) =>
    new RegExp(
      `^${pattern
        .replaceAll('.', '\\.')
        .replace('**/', '(.*/)?')
        .replace(/(?<!\.)\*/g, '[^/]*')}(/.*)?$`,
    )
  return [
    lines.filter(line => line.startsWith('!')).map(line => asRule(line.slice(1))),
    lines.filter(line => !line.startsWith('!')).map(asRule),
  ]
}

/** What `npm ci --omit=dev` installs. */
const productionPackages = (): string[] => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean }>
  }
  return Object.entries(packages).flatMap(([path, { dev }]) => (path === '' || dev ? [] : [path]))
}
