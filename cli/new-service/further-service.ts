import { importsOf, type ServiceFiles, type ServiceNames, sorted } from './words.ts'

/** A further service of a saga: it does its part when the saga begins, refuses it, or undoes it. */
export const furtherService = (words: ServiceNames): ServiceFiles => ({
  [`${words.name}/events.ts`]: events(words),
  [`${words.name}/domain.ts`]: domain(words),
  [`${words.name}/reactions.ts`]: reactions(words),
  [`${words.name}/domain.spec.ts`]: spec(words),
  [`${words.name}/README.md`]: page(words),
})

const events = ({ name, Name, up }: ServiceNames) => `import { z } from 'zod'
import { eventsOf } from '${up}/shared/contract/event.ts'

const { defineEvent } = eventsOf({ ${name}: '${name}' })

export const ${Name}Done = defineEvent('${name}.done', 1, z.strictObject({}))
export const ${Name}Refused = defineEvent('${name}.refused', 1, z.strictObject({}))
/** It was done and is not any more, or it never will be. */
export const ${Name}Undone = defineEvent('${name}.undone', 1, z.strictObject({}))

export const events = [${Name}Done, ${Name}Refused]
`

const domain = ({
  name,
  Name,
  noun,
  Noun,
  up,
}: ServiceNames) => `import type { Fact } from '${up}/shared/contract/event.ts'
import { accept, ignore } from '${up}/shared/saga/define/decision.ts'
import type { ${Noun}Requested } from '../${noun}/events.ts'
import { ${Name}Done, ${Name}Refused, ${Name}Undone } from './events.ts'

/** The part of ${name} in a ${noun}; closed is refused or undone. */
export type ${Name} = { readonly status: 'none' | 'done' | 'closed' }

/** Does its part, or refuses it, unless it was undone before. */
export const do${Name} = ({ status }: ${Name}, event: ${Noun}Requested) => {
  if (status !== 'none') return ignore(\`it is \${status}\`)
  return isPossible(event) ? accept(${Name}Done({})) : accept(${Name}Refused({}))
}

const isPossible = (_: ${Noun}Requested): boolean => true

/** Undoes its part, or makes sure that it is never done. */
export const undo${Name} = ({ status }: ${Name}) =>
  status === 'closed' ? ignore('it is closed') : accept(${Name}Undone({}))

/** The part after a fact of its own. */
export const evolve = (_: ${Name}, { type }: Fact): ${Name} => ({
  status: type === '${name}.done' ? 'done' : 'closed',
})
`

const reactions = ({
  name,
  Name,
  noun,
  Noun,
  up,
}: ServiceNames) => `import { on, type Reaction } from '${up}/shared/saga/define/reaction.ts'
import { noCalls, type Service } from '${up}/shared/saga/define/service.ts'
${importsOf({ [`../${noun}/events.ts`]: `{ ${Noun}Requested }`, '../saga.ts': '{ saga }' })}
import { ${sorted(`do${Name}`, 'evolve', `type ${Name}`)} } from './domain.ts'

export const reactions: readonly Reaction<${Name}>[] = [
  on(${Noun}Requested, {
    decide: do${Name},
    emits: { '${name}.done': 'forward', '${name}.refused': 'refusal' },
    within: '5s',
  }),
]

/** The ${name} service: it does its part of a ${noun} once, and undoes it once. */
export const ${name}Service: Service<${Name}> = {
  saga,
  name: '${name}',
  initial: { status: 'none' },
  evolve,
  reactions,
  perform: noCalls,
}
`

const spec = ({ name, Name, noun, up }: ServiceNames) => `import { expect } from 'chai'
import type { Decision } from '${up}/shared/saga/define/decision.ts'
import { fold } from '${up}/shared/saga/define/service.ts'
import { ${sorted(`do${Name}`, `undo${Name}`, `type ${Name}`)} } from './domain.ts'
import { ${name}Service } from './reactions.ts'

/** What is said in turn, each decision on what the ones before it led to. */
const saidBy = (...decisions: readonly ((state: ${Name}) => Decision)[]): readonly string[] => {
  let state = ${name}Service.initial
  return decisions.map(decide => {
    const decision = decide(state)
    const facts = decision.kind === 'accept' ? decision.facts : []
    state = fold(${name}Service, state, facts)
    return facts.map(({ type }) => type).join() || decision.kind
  })
}
const requested = (state: ${Name}) => do${Name}(state, {} as Parameters<typeof do${Name}>[1])

describe('${name}, when a ${noun} is requested', () => {
  it('does its part once', () => {
    expect(saidBy(requested, requested)).to.deep.equal(['${name}.done', 'ignore'])
  })

  it('undoes it once', () => {
    expect(saidBy(requested, undo${Name}, undo${Name})).to.deep.equal(['${name}.done', '${name}.undone', 'ignore'])
  })

  it('never does it when it was undone before', () => {
    expect(saidBy(undo${Name}, requested)).to.deep.equal(['${name}.undone', 'ignore'])
  })
})
`

const page = ({ name, Name, noun }: ServiceNames) => `# ${Name}

Does its part of a ${noun}, and undoes it.

| hears | decides | may say |
|---|---|---|
| \`${noun}.requested\` | [do${Name}](domain.ts#do${Name}) | \`${name}.done\` or \`${name}.refused\` |
`
