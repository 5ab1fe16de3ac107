import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { projectFolder } from '../../system/project.ts'
import { command, type Run } from '../command.ts'
import { exits, Failure } from '../failure.ts'
import { firstService } from '../new-service/first-service.ts'
import { furtherService } from '../new-service/further-service.ts'
import { capital, type ServiceNames } from '../new-service/words.ts'
import type { Session } from '../session.ts'

/** Adds `new-service`. */
export const addNewService = (program: Command, run: Run): void => {
  command(
    program.command('new-service').argument('<name>', 'what it is called, in small letters', serviceName),
    {
      examples: [
        ['new-service loan --in examples/loan', 'the first service of a saga of your own, and the saga'],
        ['new-service shelf --in examples/loan', 'a further service of the saga that is there'],
      ],
      exits: '0 done, 1 there is such a service already, 2 wrong usage; it needs no running system',
    },
  )
    .description('write a service with events, table, decisions, spec and page, which compiles and passes')
    .requiredOption('--in <folder>', 'the folder of its saga, below this project')
    .action(run(newService))
}

/** A name that may be part of event ids, queues and code. */
const serviceName = (text: string): string => {
  if (!/^[a-z]{2,20}$/.test(text)) throw new InvalidArgumentError('Expected 2 to 20 small letters.')
  return text
}

const newService = async (session: Session, { in: given }: { in: string }, name: string): Promise<void> => {
  const folder = sagaFolder(given)
  if (existsSync(join(folder, name)))
    throw new Failure('already-there', `${join(given, name)} is there already.`, {
      help: 'Choose another name.',
    })
  const saga = join(folder, 'saga.ts')
  const isFirst = !existsSync(saga)
  const noun = isFirst ? name : nounIn(saga)
  const up = relative(join(folder, name), projectFolder)
  const words: ServiceNames = { name, Name: capital(name), noun, Noun: capital(noun), up }
  const files = isFirst ? firstService(words) : furtherService(words)
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text)
  const written = Object.keys(files).map(path => join(given, path))
  session.show({ written }, () => written.map(path => `wrote ${path}`).join('\n'))
}

/** @throws Failure when it is not in a folder of this project */
const sagaFolder = (given: string): string => {
  const folder = resolve(projectFolder, given)
  const inside = relative(projectFolder, folder)
  if (inside === '' || inside.startsWith('..'))
    throw new Failure('folder-outside', `${given} is no folder below ${projectFolder}.`, {
      help: 'Name one that the compiler looks into, such as examples/loan.',
      exit: exits.usage,
    })
  return folder
}

/** What the saga is about, by its definition. @throws Failure when it does not say so */
const nounIn = (saga: string): string => {
  const [, noun] = /noun: '([a-z]+)'/.exec(readFileSync(saga, 'utf8')) ?? []
  if (noun) return noun
  throw new Failure('saga-unreadable', `${saga} has no defineSubject with a noun.`, {
    help: 'Write the service by hand, as docs/how-to/build-your-own-saga.md shows.',
  })
}

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
