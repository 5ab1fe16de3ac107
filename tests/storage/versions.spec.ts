import { expect } from 'chai'
import { hasCode } from '../../shared/runtime/errors.ts'
import { connectMongo } from '../../shared/storage/mongo/connection.ts'
import { logInto } from '../support/log.ts'
import { oldMongoDb } from '../support/old-mongodb.ts'

describe('a MongoDB of a version that the driver does not speak with', function () {
  this.timeout(30_000)

  for (const [what, min, max, words] of [
    [
      'too old',
      0,
      7,
      /maximum wire version 7.* requires at least \d+ \(MongoDB [\d.]+\); found is MongoDB 4\.0/,
    ],
    ['too new', 900, 999, /minimum wire version 900.* requires at most \d+ \(MongoDB [\d.]+\)/],
  ] as const)
    it(`is said to be ${what}, with the version that was found and the one that is needed`, async () => {
      const server = await oldMongoDb(min, max)
      const lines: string[] = []
      const url = `mongodb://127.0.0.1:${server.port}/?serverSelectionTimeoutMS=700`
      const mongo = connectMongo({ url, log: logInto(lines) })
      const error = await mongo.ping().catch((error: unknown) => error)
      await mongo.close()
      server.close()
      expect(hasCode(error, 'server-unsupported')).to.equal(true)
      expect(String(error)).to.match(words)
      expect(lines.join('\n'))
        .to.match(/mongodb is of a version that cannot be used/)
        .and.match(words)
    })
})
