import { expect } from 'chai'
import { batchesOf, namedBy, specsFor } from './plan.ts'
import { notOnImageNode, notOnRabbitMq4, type Selected, together } from './selection.ts'
import { everySpec, reachesBroker, reachesSystem } from './spec-files.ts'

const here = { imageNode: false, rabbitMq4: false }
const asDeployed = { imageNode: true, rabbitMq4: true }
const each = (selected: readonly Selected[]) =>
  selected.flatMap(({ specs, because }) => specs.map(name => ({ specs: [name], because })))

describe('a run of the suite', () => {
  it('takes every spec file once', () => {
    const taken = batchesOf(specsFor(here)).flat()
    expect(taken).to.have.members(everySpec)
    expect(taken).to.have.lengthOf(new Set(taken).size)
  })

  it('takes on the Node of the images all but what is left out with a reason', () => {
    const left = namedBy(notOnImageNode)
    expect(specsFor({ ...here, imageNode: true })).to.have.members(
      everySpec.filter(spec => !left.includes(spec)),
    )
  })

  it('takes on RabbitMQ 4 all that reach a broker, but what is left out with a reason', () => {
    const left = namedBy(notOnRabbitMq4)
    expect(specsFor({ ...here, rabbitMq4: true })).to.have.members(
      everySpec.filter(spec => reachesBroker(spec) && !left.includes(spec)),
    )
  })

  it('takes on both what it takes on either', () => {
    const either = [...specsFor({ ...here, imageNode: true }), ...specsFor({ ...here, rabbitMq4: true })]
    expect(specsFor(asDeployed)).to.have.members([...new Set(either)])
  })

  it('lets what belongs together come in one batch', () => {
    const batches = batchesOf(specsFor(here))
    for (const one of together) expect(batches).to.deep.include(namedBy([one]))
  })

  for (const [what, selected] of Object.entries({ together, notOnImageNode, notOnRabbitMq4 }))
    it(`names only what is there, each once, and why: ${what}`, () => {
      for (const one of each(selected)) {
        expect(namedBy([one]), one.specs[0]).to.not.deep.equal([])
        expect(one.because).to.match(/\w+ \w+/)
      }
      const named = each(selected).flatMap(one => namedBy([one]))
      expect(named).to.have.lengthOf(new Set(named).size)
    })

  it('leaves out of RabbitMQ 4 only what would reach it', () => {
    expect(
      namedBy(notOnRabbitMq4).filter(spec => !reachesBroker(spec) && !spec.startsWith('cluster/')),
    ).to.deep.equal([])
  })

  it('finds a spec that starts a broker or a system through another file', () => {
    for (const spec of ['faults/outages', 'cli/system']) expect(reachesSystem(spec), spec).to.equal(true)
    for (const spec of ['faults/outages', 'messaging/rabbitmq'])
      expect(reachesBroker(spec), spec).to.equal(true)
    for (const spec of ['services/every-reaction', 'simulation/rules', 'storage/redis/done-cache'])
      expect(reachesBroker(spec) || reachesSystem(spec), spec).to.equal(false)
  })
})
