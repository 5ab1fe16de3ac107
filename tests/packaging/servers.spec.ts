import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { containers } from '../../local/bring-up/compose-servers.ts'
import { composeUp } from '../../local/bring-up/docker.ts'
import { secretsOf } from '../../local/bring-up/secrets.ts'
import type { Context } from '../../local/supervision/context.ts'
import { filledIn } from './compose.ts'
import { read, yaml } from './project.ts'

const ports = {
  RABBITMQ_AMQP_PORT: '21',
  RABBITMQ_MANAGEMENT_PORT: '22',
  RABBITMQ_PROMETHEUS_PORT: '23',
  MONGODB_PORT: '24',
  REDIS_PORT: '25',
}

describe('the servers that npm start brings up with Docker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-docker-'))
  before(() => {
    const keep = `echo "$@" >> '${folder}/said'; echo "$REDIS_PASSWORD" >> '${folder}/told'`
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${keep}\n`, { mode: 0o755 })
  })
  after(() => rmSync(folder, { recursive: true }))

  it('are published, each on the port that was chosen, without an environment file', async () => {
    const said = join(folder, 'said')
    const env = { ...ports, RABBITMQ_ADMIN_PASSWORD: 'x', REDIS_PASSWORD: 'y' }
    const stop = await composeUp(folder, ['rabbitmq', 'mongodb', 'redis'], {
      ...{ ...env, PATH: `${folder}:${process.env.PATH}` },
    })
    const [up = ''] = readFileSync(said, 'utf8').split('\n')
    expect(up).to.match(/ up -d --wait rabbitmq mongodb redis$/)
    const files = [...up.matchAll(/ -f (\S+)/g)].map(([, file = '']) => filledIn(read(file), env))
    const published = files.flatMap(file =>
      [...file.matchAll(/"127\.0\.0\.1:(2\d):\d+"/g)].map(([, port]) => port),
    )
    expect(published.toSorted()).to.deep.equal(Object.values(ports))
    expect(stop).to.be.a('function')
  })

  it('let in who reaches them, but for Redis: its password is in its URL and in no list', async () => {
    const [listed, { PATH }] = [[] as unknown[], process.env]
    process.env.PATH = `${folder}:${PATH}`
    const context = {
      folder,
      say: () => {},
      started: [],
      list: { set: (entry: unknown) => listed.push(entry) },
    }
    const urls = await containers(context as unknown as Context, ['mongodb', 'redis']).finally(() => {
      process.env.PATH = PATH
    })
    const { redis: password = 'none' } = secretsOf(folder, [])
    expect(urls.redis).to.match(new RegExp(`^redis://:${password}@127.0.0.1:\\d+$`))
    expect(urls.mongodb).to.match(/^mongodb:\/\/127.0.0.1:\d+$/)
    expect(listed).to.have.length(2)
    expect(JSON.stringify(listed)).not.to.include(password)
    expect(readFileSync(join(folder, 'told'), 'utf8').trim().split('\n').at(-1)).to.equal(password)
  })

  it('have a MongoDB without an administrator, so that it asks for none', () => {
    const { services } = yaml(filledIn(read('docker-compose.dev.yml'), {})) as {
      services: { mongodb: { environment: object } }
    }
    expect(services.mongodb.environment).to.deep.equal({
      ...{ MONGO_INITDB_ROOT_USERNAME: '', MONGO_INITDB_ROOT_PASSWORD: '' },
    })
  })
})
