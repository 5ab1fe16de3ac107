import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { serviceNames } from '../../services/registry.ts'
import { filesBelow, read } from './page.ts'

/** What each folder below shared/ may know besides itself, from the lowest up. */
const layers: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  commands: ['runtime'],
  contract: ['runtime'],
  messaging: ['contract', 'runtime'],
  saga: ['messaging', 'contract', 'runtime'],
  storage: ['saga', 'contract', 'runtime'],
  operations: ['storage', 'saga', 'messaging', 'contract', 'runtime'],
  hosting: ['storage', 'saga', 'messaging', 'contract', 'runtime'],
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
    const upwards = "import { handle } from '../saga/process/handle.ts'"
    expect(forbiddenIn('shared/messaging/broker.ts', upwards)).to.deep.equal([
      'shared/messaging/broker.ts -> shared/saga/process/handle.ts',
    ])
    const outwards = "import { main } from '../../services/order/main.ts'"
    expect(forbiddenIn('shared/hosting/host.ts', outwards)).to.have.length(1)
  })
})

/** What a service imports of other services, as `file -> other file`. */
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
    const sideways = "import { lots } from '../inventory/stock/lot-rules.ts'"
    expect(othersIn('services/order/main.ts', sideways)).to.deep.equal([
      'services/order/main.ts -> services/inventory/stock/lot-rules.ts',
    ])
  })
})

/** What each of the folders beside shared/ and services/ may know of the others. */
const tools: Readonly<Record<string, readonly string[]>> = {
  system: ['shared'],
  choreography: ['services', 'shared'],
  cli: ['system', 'choreography', 'rabbitmq', 'services', 'shared'],
  reference: ['cli', 'system', 'choreography', 'rabbitmq', 'services', 'shared'],
  harness: ['local', 'system', 'services', 'shared'],
}

const topOf = (file: string): string => file.split('/')[0] ?? ''

/** The imports of a file that its folder may not know, as `file -> other file`. */
const strayIn = (file: string, text: string): string[] =>
  importsOf(file, text)
    .filter(other => topOf(other) !== topOf(file) && !tools[topOf(file)]?.includes(topOf(other)))
    .map(other => `${file} -> ${other}`)

describe('the folders of the tools', () => {
  for (const folder of Object.keys(tools))
    it(`know only what they may: ${folder}`, () => {
      expect(filesBelow(folder, '.ts').flatMap(file => strayIn(file, read(file)))).to.deep.equal([])
    })

  it('would not, if the command line looked into what starts a system', () => {
    expect(
      strayIn('cli/addresses.ts', "import { claimFolder } from '../local/supervision/claim.ts'"),
    ).to.deep.equal(['cli/addresses.ts -> local/supervision/claim.ts'])
  })
})
