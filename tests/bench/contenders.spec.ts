import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { requireLinux } from '../../bench/options.ts'
import { filesBelow, read } from '../docs/page.ts'

/** What files of the project a file imports. */
const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from |import )'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  )

describe('the contenders that are compared with this project', () => {
  const files = ['naive', 'limit'].flatMap(name => filesBelow(`bench/${name}`, '.ts'))

  it('use nothing of it, so that they stay what they are when it changes', () => {
    const outside = files.flatMap(file =>
      importsOf(file, read(file)).filter(other => !/^bench\/(naive|limit)\//.test(other)),
    )
    expect(files.length).to.be.above(15)
    expect(outside).to.deep.equal([])
    const borrowed = "import { encode } from '../../shared/contract/envelope.ts'"
    expect(importsOf('bench/naive/order.ts', borrowed)).to.deep.equal(['shared/contract/envelope.ts'])
  })

  it('come, when they are packages, in versions that are pinned, apart from those of the project', () => {
    const { dependencies } = JSON.parse(read('bench/peers/package.json')) as { dependencies: object }
    expect(Object.keys(dependencies)).to.have.members(['bullmq', '@dbos-inc/dbos-sdk'])
    for (const version of Object.values(dependencies)) expect(version).to.match(/^\d+\.\d+\.\d+$/)
    const own = JSON.parse(read('package.json')) as Record<string, object>
    expect({ ...own.dependencies, ...own.devDependencies }).to.not.have.any.keys(Object.keys(dependencies))
  })

  it('are measured on Linux alone', () => {
    expect(() => requireLinux('darwin')).to.throw('needs Linux')
    expect(() => requireLinux('linux')).to.not.throw()
  })
})
