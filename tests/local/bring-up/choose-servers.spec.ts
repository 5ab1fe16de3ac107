import { expect } from 'chai'
import { chooseServers, type ServerFacts } from '../../../local/bring-up/choose-servers.ts'

const bare: ServerFacts = {
  given: { rabbitmq: false, redis: false, mongodb: false },
  docker: false,
  mongodOnPath: false,
  canDownload: async () => false,
  recorded: undefined,
}

const programs = { rabbitmq: 'program', redis: 'program' }
const docker = { rabbitmq: 'docker', redis: 'docker' }
const all = { rabbitmq: true, redis: true, mongodb: true }
const answers = async () => true

const table: [string, Partial<ServerFacts>, object][] = [
  ['nothing but the machine', {}, { ...programs, mongodb: 'embedded' }],
  ['a download that answers', { canDownload: answers }, { ...programs, mongodb: 'download' }],
  ['mongod on PATH', { mongodOnPath: true, canDownload: answers }, { ...programs, mongodb: 'mongod' }],
  ['a Docker engine', { docker: true, mongodOnPath: true }, { ...docker, mongodb: 'docker' }],
  [
    'connection strings, although Docker runs',
    { given: all, docker: true },
    { rabbitmq: 'given', redis: 'given', mongodb: 'given' },
  ],
  [
    'one connection string beside Docker',
    { given: { ...all, rabbitmq: false, redis: false }, docker: true },
    { ...docker, mongodb: 'given' },
  ],
  [
    'data of the embedded server, although Docker runs now',
    { recorded: 'embedded', docker: true, mongodOnPath: true },
    { ...programs, mongodb: 'embedded' },
  ],
  [
    'data of mongod, which can be downloaded again',
    { recorded: 'mongod', docker: true, canDownload: answers },
    { ...programs, mongodb: 'download' },
  ],
  ['data in containers', { recorded: 'docker', docker: true }, { ...docker, mongodb: 'docker' }],
  [
    'data of another backend, but a connection string',
    { recorded: 'docker', given: { ...all, rabbitmq: false, redis: false } },
    { ...programs, mongodb: 'given' },
  ],
]

describe('where the servers come from', () => {
  for (const [situation, facts, choice] of table)
    it(`with ${situation}: ${JSON.stringify(choice)}`, async () => {
      expect(await chooseServers({ ...bare, ...facts })).to.deep.equal(choice)
    })

  for (const recorded of ['docker', 'mongod'] as const)
    it(`refuses to start on data of ${recorded} when that cannot be had any more`, async () => {
      const refused = await chooseServers({ ...bare, recorded }).catch(error => error)
      expect(refused).to.include({ code: 'backend-mismatch', retry: 'never' })
    })

  it('does not ask whether mongod can be downloaded when the answer cannot matter', async () => {
    const canDownload = async () => {
      throw new Error('asked')
    }
    for (const facts of [
      { given: all },
      { docker: true },
      { mongodOnPath: true },
      { recorded: 'embedded' as const },
    ])
      await chooseServers({ ...bare, canDownload, ...facts })
  })
})
