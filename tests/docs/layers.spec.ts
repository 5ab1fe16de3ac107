import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { serviceNames } from '../../services/registry.ts'
import { filesBelow, read } from './page.ts'

/** What each folder below shared/ may know besides itself, from the lowest up. */
const layers: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  contract: ['runtime'],
  persistence: ['contract', 'runtime'],
  messaging: ['contract', 'runtime'],
  saga: ['messaging', 'persistence', 'contract', 'runtime'],
  operations: ['saga', 'messaging', 'persistence', 'contract', 'runtime'],
  hosting: ['saga', 'messaging', 'persistence', 'contract', 'runtime'],
}

const layerOf = (file: string): string => file.split('/')[1] ?? ''

/** The files that a file imports. */
const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  )

/** The imports of a file that its layer may not know, as `file -> other file`. */
const forbiddenIn = (file: string, text: string): string[] =>
  importsOf(file, text)
    .filter(other => layerOf(other) !== layerOf(file) && !layers[layerOf(file)]?.includes(layerOf(other)))
    .map(other => `${file} -> ${other}`)

describe('the layers below shared', () => {
  const files = filesBelow('shared', '.ts')

  it('are all folders there', () => {
    expect([...new Set(files.map(layerOf))].sort()).to.deep.equal(Object.keys(layers).sort())
  })

  it('know only what is below them', () => {
    expect(files.flatMap(file => forbiddenIn(file, read(file)))).to.deep.equal([])
  })

  it('would not be, if one looked up, or out of shared', () => {
    const upwards = "import { handle } from '../saga/handle.ts'"
    expect(forbiddenIn('shared/messaging/broker.ts', upwards)).to.deep.equal([
      'shared/messaging/broker.ts -> shared/saga/handle.ts',
    ])
    const outwards = "import { main } from '../../services/order/main.ts'"
    expect(forbiddenIn('shared/hosting/host.ts', outwards)).to.have.length(1)
  })
})

/** The services that a service imports, as `file -> other file`. What it may know besides its own folder lies beside the folders, or is agreed. */
const othersIn = (file: string, text: string): string[] => {
  const own = layerOf(file)
  return importsOf(file, text)
    .filter(other => serviceNames.some(name => name !== own && other.startsWith(`services/${name}/`)))
    .map(other => `${file} -> ${other}`)
}

describe('a service', () => {
  const files = serviceNames.flatMap(name => filesBelow(`services/${name}`, '.ts'))

  it('knows no other service: they speak through events, and by what is agreed for private calls', () => {
    expect(files.flatMap(file => othersIn(file, read(file)))).to.deep.equal([])
  })

  it('would, if it looked into another folder', () => {
    const sideways = "import { lots } from '../inventory/stock/lots.ts'"
    expect(othersIn('services/order/main.ts', sideways)).to.deep.equal([
      'services/order/main.ts -> services/inventory/stock/lots.ts',
    ])
  })
})
