import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { backAgain } from '../../harness/kill.ts'
import { closeDoors, keyOf, openDoor } from '../http/open-door.ts'
import { tempFolder } from '../local/stand-ins.ts'

describe('the demo, waiting for what it has killed', () => {
  const folder = tempFolder()
  afterEach(closeDoors)
  after(folder.remove)

  it('sees that the order service is back although its door asks for keys', async () => {
    const { url, port } = await openDoor({ config: { CHOREO_OPERATOR_KEYS: [keyOf('olga').holder] } })
    const entry = { name: 'order', kind: 'service', pid: process.pid, port, url, log: null }
    writeFileSync(join(folder.path, 'run.json'), JSON.stringify([entry]))
    expect(await backAgain(folder.path, 'order', process.pid + 1)).to.equal(process.pid)
  })
})
