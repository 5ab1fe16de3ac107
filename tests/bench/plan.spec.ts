import { expect } from 'chai'
import { everyTrial, isWhole, optionsOf } from '../../bench/options.ts'
import { sizesOf, stagesOf } from '../../bench/plan.ts'
import { normalFrom } from '../../bench/trials/drain.ts'

const staged = (...args: string[]) => stagesOf(optionsOf(args))

describe('what the bench does', () => {
  it('is everything with every contender unless something is chosen', () => {
    const stages = staged()
    expect(stages.map(({ contender }) => contender)).to.deep.equal([
      ...['naive', 'limit', 'bullmq', 'dbos'],
      ...['saga', 'saga', 'saga', 'saga'],
    ])
    expect(optionsOf([]).repeats).to.equal(3)
  })

  it('starts a system of its own for another stock, and for a history that nothing has begun', () => {
    const [usual, stocked, history] = staged('--only', 'saga', '--workload', 'history,stocked,order,drain')
    expect(usual?.trials).to.deep.equal(['order', 'drain'])
    expect(stocked).to.deep.include({ trials: ['stocked'], stockUnits: 1_000_000 })
    expect(history?.trials).to.deep.equal(['history'])
  })

  it('starts a system of two instances of each service for `pairs` alone, which is no part of a quick bench', () => {
    const [usual, pairs] = staged('--only', 'saga', '--workload', 'pairs,hot')
    expect(usual).to.deep.include({ trials: ['hot'], instances: 1 })
    expect(pairs).to.deep.include({ trials: ['pairs'], instances: 2, stockUnits: usual?.stockUnits })
    expect(staged().filter(({ instances }) => instances === 2)).to.have.length(1)
    expect(staged('--quick').flatMap(({ trials }) => trials)).to.not.include('pairs')
  })

  it('does with the others `order` alone, and nothing when that is not asked for', () => {
    expect(staged('--only', 'naive,dbos').map(({ trials }) => trials)).to.deep.equal([['order'], ['order']])
    expect(staged('--only', 'bullmq', '--workload', 'hot')).to.deep.equal([])
  })

  it('ends within five minutes when it is to be quick', () => {
    const options = optionsOf(['--quick', '--json'])
    expect(options).to.include({ repeats: 1, json: true })
    expect(sizesOf(options).withinSeconds).to.be.below(300)
    expect(sizesOf(optionsOf([])).withinSeconds).to.equal(Number.POSITIVE_INFINITY)
  })

  it('is as long as it is asked to be', () => {
    expect(sizesOf(optionsOf(['--full']))).to.deep.include({
      waiting: 50_000,
      history: { few: 2_000, many: 200_000 },
    })
    expect(sizesOf(optionsOf(['--seconds', '7'])).seconds).to.equal(7)
  })

  it('takes the place of the kept results only when nothing is left out or cut short', () => {
    expect(isWhole(optionsOf([]))).to.equal(true)
    for (const args of [
      ['--quick', '--workload', everyTrial.join(',')],
      ['--only', 'saga'],
      ['--workload', 'order'],
    ])
      expect(isWhole(optionsOf(args)), args.join(' ')).to.equal(false)
  })

  for (const [args, says] of [
    [['--only', 'kafka'], 'there is no kafka'],
    [['--workload', ''], 'there is no name'],
    [['--repeats', '0'], 'above 0'],
    [['--sconds', '3'], '--sconds'],
  ] as const)
    it(`refuses ${args.join(' ')}`, () => {
      expect(() => optionsOf(args)).to.throw(says)
    })
})

describe('new orders after an outage', () => {
  const at = (second: number, took: number) => ({ due: second * 1_000 + 10, took })

  it('are as fast as usual from the first second after the last slow one', () => {
    const watched = [at(0, 900), at(1, 20), at(2, 800), at(3, 30), at(4, 20)]
    expect(normalFrom(watched, { backAt: 0, bound: 100 })).to.equal(3_000)
    expect(normalFrom(watched, { backAt: 2_000, bound: 100 })).to.equal(1_000)
  })

  it('are only those that came after it', () => {
    expect(normalFrom([at(0, 20), at(2, 20)], { backAt: 2_000, bound: 100 })).to.equal(0)
  })

  it('are so at once when none was slow, and never when the last ones were', () => {
    expect(normalFrom([at(0, 20), at(1, 20)], { backAt: 0, bound: 100 })).to.equal(0)
    expect(normalFrom([at(0, 20), at(1, 900)], { backAt: 0, bound: 100 })).to.equal(undefined)
  })
})
