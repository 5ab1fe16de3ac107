import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { backAgain } from '../../harness/kill-process.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { closeApis, keyOf, openApi } from '../services/order/api/api-server.ts'

describe('the demo, waiting for what it has killed', () => {
  const folder = tempFolder()
  afterEach(closeApis)
  after(folder.remove)

  it('sees that the order service is back although its API asks for keys', async () => {
    const { url, port } = await openApi({ config: { CHOREO_OPERATOR_KEYS: [keyOf('olga').holder] } })
    const entry = { name: 'order', kind: 'service', pid: process.pid, port, url, log: null }
    writeFileSync(join(folder.path, 'run.json'), JSON.stringify([entry]))
    expect(await backAgain(folder.path, 'order', process.pid + 1)).to.equal(process.pid)
  })
})
