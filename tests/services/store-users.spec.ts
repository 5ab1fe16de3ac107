import { expect } from 'chai'
import { reactingNames, serviceNames } from '../../services/registry.ts'
import { storeUsers } from '../../services/store-users.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { makeStoreUsers } from '../../shared/storage/mongo/users.ts'
import { type UserMongoDb, userMongoDb } from '../support/user-mongodb.ts'

describe('the users of MongoDB', () => {
  let mongodb: UserMongoDb
  const make = (round: string) =>
    makeStoreUsers(
      `mongodb://127.0.0.1:${mongodb.port}`,
      storeUsers(name => `${round}-password-of-${name}`),
      silentLog,
    )
  before(async () => {
    mongodb = await userMongoDb()
  })
  after(() => mongodb.close())

  it('are one per service, which has its own database and no other', async () => {
    await make('first')
    expect([...mongodb.users.keys()]).to.have.members(
      [...serviceNames, 'operator'].map(name => `choreo_${name}`),
    )
    for (const name of serviceNames)
      expect(mongodb.users.get(`choreo_${name}`)).to.deep.equal({
        ...{ pwd: `first-password-of-${name}`, $db: 'admin' },
        roles: [{ role: 'readWrite', db: `choreo_${name}` }],
      })
  })

  it('are the operator, who finds documents of orders and may do nothing else', () => {
    const [role] = mongodb.users.get('choreo_operator')?.roles ?? []
    expect(role).to.deep.equal({ role: 'choreo_operator', db: 'admin' })
    expect(mongodb.roles.get('choreo_operator')).to.deep.equal({
      ...{ roles: [], $db: 'admin' },
      privileges: reactingNames.map(name => ({
        ...{ resource: { db: `choreo_${name}`, collection: 'orders' }, actions: ['find'] },
      })),
    })
  })

  it('get the passwords that are given when they are made again', async () => {
    await make('second')
    expect(mongodb.users.size).to.equal(serviceNames.length + 1)
    for (const name of serviceNames)
      expect(mongodb.users.get(`choreo_${name}`)?.pwd).to.equal(`second-password-of-${name}`)
  })

  it('are not made where no MongoDB answers, and the error tells no password', async () => {
    const url = 'mongodb://admin:the-password@127.0.0.1:1/?serverSelectionTimeoutMS=200'
    const error = await makeStoreUsers(
      url,
      storeUsers(() => 'a-password-of-one'),
      silentLog,
    ).then(
      () => new Error('made'),
      (failed: Error) => failed,
    )
    expect(hasCode(error, 'store-unavailable')).to.equal(true)
    expect(error.message).not.to.match(/the-password|a-password/)
  })
})
