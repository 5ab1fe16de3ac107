import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { composeUp } from '../../local/bring-up/docker.ts'
import { filledIn } from './compose.ts'
import { read } from './project.ts'

const ports = {
  RABBITMQ_AMQP_PORT: '21',
  RABBITMQ_MANAGEMENT_PORT: '22',
  RABBITMQ_PROMETHEUS_PORT: '23',
  MONGODB_PORT: '24',
  REDIS_PORT: '25',
}

describe('the servers that npm start brings up with Docker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-docker-'))
  after(() => rmSync(folder, { recursive: true }))

  it('are published, each on the port that was chosen, without an environment file', async () => {
    const said = join(folder, 'said')
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$@" >> '${said}'\n`, { mode: 0o755 })
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
})
