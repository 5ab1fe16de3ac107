import { expect } from 'chai'
import { read } from './project.ts'

type Locked = { readonly packages: Record<string, { readonly hasInstallScript?: boolean }> }

const locked = JSON.parse(read('package-lock.json')) as Locked

describe('the packages', () => {
  it('run nothing of their own when they are installed', () => {
    expect(read('.npmrc').split('\n')).to.include('ignore-scripts=true')
  })

  it('have no install script that anything would need: the one that there is would report who installs it', () => {
    const scripted = Object.entries(locked.packages).filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(scripted.map(([name]) => name)).to.deep.equal(['node_modules/@scarf/scarf'])
    expect(JSON.parse(read('package.json'))).to.deep.include({ scarfSettings: { enabled: false } })
  })
})
