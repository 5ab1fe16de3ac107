import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { brokenSeals, readSealed, writeSealed } from '../../reference/seals.ts'
import { tempFolder } from '../local/stand-ins.ts'

describe('a folder of files that are written once', () => {
  const temp = tempFolder()
  const folder = pathToFileURL(`${temp.path}/`)
  const first = new Map([
    ['b.v1.json', '{"b":1}\n'],
    ['a.v1.json', '{"a":1}\n'],
  ])
  const broken = () => brokenSeals(readSealed(folder))
  beforeEach(() => {
    expect(writeSealed(folder, first)).to.have.members([...first.keys()])
  })
  afterEach(() => {
    for (const name of readSealed(folder).files.keys()) rmSync(join(temp.path, name))
    rmSync(join(temp.path, 'SHA256SUMS'))
  })
  after(() => temp.remove())

  it('is whole as it was written, also to the tool that checks such digests', () => {
    expect(broken()).to.deep.equal([])
    const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: fileURLToPath(folder) })
    expect(`${said}`).to.equal('a.v1.json: OK\nb.v1.json: OK\n')
  })

  it('gets what is new, and never another text for what is there', () => {
    const later = new Map([
      ['a.v1.json', '{"a":"other"}\n'],
      ['a.v2.json', '{"a":2}\n'],
    ])
    expect(writeSealed(folder, later)).to.deep.equal(['a.v2.json'])
    expect(readFileSync(join(temp.path, 'a.v1.json'), 'utf8')).to.equal('{"a":1}\n')
    expect(broken()).to.deep.equal([])
    expect(writeSealed(folder, later)).to.deep.equal([])
  })

  it('says what was edited, removed and added by hand', () => {
    writeFileSync(join(temp.path, 'a.v1.json'), '{"a":2}\n')
    rmSync(join(temp.path, 'b.v1.json'))
    writeFileSync(join(temp.path, 'c.v1.json'), '{}\n')
    expect(broken()).to.deep.equal([
      'a.v1.json was edited after it was released: restore it',
      'c.v1.json was added by hand',
      'b.v1.json was removed after it was released',
    ])
  })
})
