import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { invariants } from '../../reference/invariants.ts'
import { describedServices } from '../../reference/services/described-services.ts'
import { orderService } from '../../services/order/reactions.ts'
import { kernelPromises, type ServiceDescription } from '../../shared/saga/define/service-description.ts'
import { projectFolder } from '../../system/project.ts'
import { placedFacts } from '../services/placed.ts'
import { moves, movesBy } from '../services/reached.ts'
import { tables } from '../services/tables.ts'

const drawn = ({ states = {} }: ServiceDescription): string[] =>
  Object.entries(states).flatMap(([from, { next = {} }]) =>
    Object.entries(next).map(([fact, to]) => `${from} -${fact}-> ${to}`),
  )

describe('the page of a service', () => {
  it('is there for every service', () => {
    const folder = join(projectFolder, 'services')
    const services = readdirSync(folder).filter(name => existsSync(join(folder, name, 'main.ts')))
    expect(describedServices.map(({ name }) => name)).to.have.members(services)
  })

  for (const { name, description: canvas } of describedServices.filter(({ service }) => service))
    it(`has just the states of ${name} and the facts that lead from one to another`, () => {
      const rules = tables.find(({ service }) => service.name === name)?.service
      const placing =
        name === 'order' ? movesBy(orderService as never, orderService.initial as never, placedFacts) : []
      expect(drawn(canvas)).to.have.members([...placing, ...(rules ? moves(rules) : [])])
    })

  for (const { name, description: canvas, service } of describedServices)
    it(`promises of ${name} what is an invariant, once`, () => {
      const all = [...canvas.promises, ...(service ? kernelPromises : [])]
      expect(invariants().map(({ id }) => id)).to.include.members(all)
      expect(new Set(all).size).to.equal(all.length)
    })

  it('promises with those of the others all that is promised, and each promise has a test', () => {
    const promised = [
      ...kernelPromises,
      ...describedServices.flatMap(({ description: canvas }) => canvas.promises),
    ]
    expect([...new Set(promised)]).to.have.members(invariants().map(({ id }) => id))
    for (const { id, tests } of invariants()) expect(tests, id).to.not.be.empty
  })
})
