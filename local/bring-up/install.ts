import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SagaError } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
import { postgresPrograms } from '../servers/postgres-programs.ts'
import { hasRabbitMq } from '../servers/rabbitmq-installation.ts'
import { findProgram } from '../supervision/find-program.ts'

/** The Debian packages with the programs that are needed here. */
export type Package = 'rabbitmq-server' | 'redis-server' | 'debootstrap' | 'postgresql'

/** What is known about this machine before anything is installed. */
export type InstallFacts = {
  missing: readonly Package[]
  /** The value of CHOREO_INSTALL. */
  allowed: string | undefined
  root: boolean
  apt: boolean
}

/** What to do about missing programs. */
export type InstallDecision =
  | { do: 'nothing' }
  | { do: 'install'; packages: readonly Package[] }
  | { do: 'refuse'; because: string }

/** What spares a package, for whoever cannot install it. */
const otherwise: Record<Package, string> = {
  'rabbitmq-server': 'set AMQP_URL and RABBITMQ_MANAGEMENT_URL',
  'redis-server': 'set REDIS_URL',
  debootstrap: 'set CHOREO_RABBITMQ_ROOT',
  postgresql: 'leave out what runs on it',
}

/** Whether missing programs can be installed here; a refusal says what would have to change. */
export const decideInstall = ({ missing, allowed, root, apt }: InstallFacts): InstallDecision => {
  if (missing.length === 0) return { do: 'nothing' }
  const names = missing.join(' and ')
  const instead = `install ${names} by hand or ${missing.map(name => otherwise[name]).join(' and ')}`
  if (allowed === 'never')
    return { do: 'refuse', because: `${names} not found and CHOREO_INSTALL=never: ${instead}` }
  if (!apt) return { do: 'refuse', because: `${names} not found and there is no apt-get here: ${instead}` }
  if (!root)
    return {
      do: 'refuse',
      because: `${names} not found and only root can install: run once as root, ${instead}`,
    }
  return { do: 'install', packages: missing }
}

const isThere = (name: Package): boolean => {
  if (name === 'rabbitmq-server') return hasRabbitMq()
  if (name === 'postgresql') return postgresPrograms() !== undefined
  return findProgram(name, ['/usr/sbin']) !== undefined
}

/** The packages of `wanted` whose programs are not on this machine. */
export const missingPackages = (wanted: readonly Package[]): Package[] =>
  wanted.filter(name => !isThere(name))

/** What went wrong, as far as apt's output shows. */
export const explainFailure = (output: string): string => {
  if (/Could not get lock|is held by process/.test(output))
    return 'another program holds the lock of apt: wait for it to end and start again'
  if (
    /Temporary failure resolving|Could not (resolve|connect)|Unable to (connect|fetch)|Failed (to fetch|getting release file)/.test(
      output,
    )
  )
    return 'the package archive cannot be reached: check the network and the proxy settings of apt'
  if (/Unable to locate package|has no installation candidate/.test(output))
    return 'the configured package archive does not have it: check /etc/apt/sources.list'
  if (/No space left/.test(output)) return 'the disk is full'
  return output.trim().split('\n').slice(-3).join(' | ')
}

// The kernel's lock, not a file's existence: it goes away with its holder.
const lockFile = '/run/lock/choreo-install.lock'
const lockWait = '900'

/** Enough of apt's lines to see that it goes on. */
const sparingly = (say: (line: string) => void): ((line: string) => void) => {
  let last = 0
  return line => {
    const isProgress = /^(Get:|Unpacking|Setting up)/.test(line) && Date.now() - last > 2_000
    if (!isProgress && !line.startsWith('Need to get')) return
    last = Date.now()
    say(`  ${line}`)
  }
}

const runApt = (packages: readonly Package[], say: (line: string) => void): Promise<void> =>
  new Promise((done, failed) => {
    const script = join(projectFolder, 'local', 'install-packages.sh')
    const child = spawn('flock', ['-w', lockWait, lockFile, 'sh', script, ...packages], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: string[] = []
    const tell = sparingly(say)
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', line => {
        output.push(line)
        tell(line)
      })
    child.once('error', failed)
    child.once('close', code => (code === 0 ? done() : failed(new Error(output.join('\n')))))
  })

/**
 * Makes sure that the programs of `wanted` are on this machine, installing what is missing; `say` hears the
 * progress. Several processes may do so at once.
 * @throws SagaError `install-failed`
 */
export const ensureInstalled = async (
  wanted: readonly Package[],
  say: (line: string) => void,
): Promise<void> => {
  const decision = decideInstall({
    missing: missingPackages(wanted),
    allowed: process.env.CHOREO_INSTALL,
    root: process.getuid?.() === 0,
    apt: findProgram('apt-get') !== undefined,
  })
  if (decision.do === 'nothing') return
  if (decision.do === 'refuse') throw new SagaError('install-failed', decision.because, { retry: 'never' })
  say(`installing ${decision.packages.join(' and ')} with apt-get; this takes a minute or two`)
  await runApt(decision.packages, say).catch(cause => {
    throw new SagaError('install-failed', explainFailure(cause.message), { cause })
  })
  const still = missingPackages(wanted)
  if (still.length > 0) throw new SagaError('install-failed', `${still.join(' and ')} is still not there`)
}
