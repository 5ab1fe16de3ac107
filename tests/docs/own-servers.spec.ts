import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect } from 'amqplib'
import { expect } from 'chai'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { reactingNames } from '../../services/registry.ts'
import { bareEnv } from '../cli/choreo.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { needs, rabbitmq, type Vhost, vhost } from '../support/servers.ts'
import { read, stepsOf } from './page.ts'
import { openShell, type Shell } from './shell.ts'

const build = fileURLToPath(new URL('../../', import.meta.url))

describe('the page about servers of your own', function () {
  this.timeout(30_000)
  needs(rabbitmq)
  const folder = tempFolder()
  const [step] = stepsOf(read('docs/how-to/run-on-your-own-servers.md'))
  let here: Vhost
  let shell: Shell

  before(async () => {
    here = await vhost()
    const { managementUrl, adminUser, adminPassword } = await rabbitmq()
    const admin = { RABBITMQ_MANAGEMENT_URL: managementUrl, ADMIN: `${adminUser}:${adminPassword}` }
    symlinkSync(build, join(folder.path, 'dist'))
    shell = openShell(folder.path, bareEnv(admin))
  })
  after(async () => {
    shell?.close()
    for (const user of brokerUsers) await here?.api('DELETE', `/api/users/${here.name}.${user}`)
    await here?.drop()
    folder.remove()
  })

  const declare = () => {
    const block = (step?.shell ?? '').replace('"choreo"', `"${here.name}"`)
    return shell.run(block.replace('"choreo."', `"${here.name}."`))
  }
  const logIn = async (service: string, password: string) => {
    const url = new URL(here.amqpUrl)
    Object.assign(url, { username: `${here.name}.${service}`, password })
    const connection = await connect(url.href)
    await connection.close()
  }

  it('fills in the passwords, and leaves no file with them behind', async () => {
    for (let times = 0; times < 2; times++) expect(await declare()).to.equal('')
    for (const user of brokerUsers) await logIn(user, user === 'operator' ? 'x1' : `${user[0]}1`)
    expect(existsSync(join(folder.path, 'definitions.json'))).to.equal(false)
  })

  it('lets nobody in with another password', async () => {
    await declare()
    const refused = await logIn('payment', 'p2').catch((error: Error) => error.message)
    expect(refused).to.match(/ACCESS-REFUSED/)
  })

  it('declares the queues of every service', async () => {
    await declare()
    const queues = (await here.api('GET', `/api/queues/${here.name}`)) as { name: string }[]
    const inboxes = reactingNames.map(service => `${service}.inbox`)
    expect(queues.map(({ name }) => name)).to.include.members(inboxes)
  })
})
