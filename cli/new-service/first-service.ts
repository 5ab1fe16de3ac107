import { importsOf, type ServiceFiles, type ServiceNames, sorted } from './words.ts'

/**
 * The first service of a saga: it begins, and knows how it ends; with the definition of the saga, and a
 * program that runs it.
 */
export const firstService = (words: ServiceNames): ServiceFiles => ({
  'saga.ts': saga(words),
  'run.ts': run(words),
  [`${words.name}/events.ts`]: events(words),
  [`${words.name}/domain.ts`]: domain(words),
  [`${words.name}/reactions.ts`]: reactions(words),
  [`${words.name}/domain.spec.ts`]: spec(words),
  [`${words.name}/README.md`]: page(words),
})

const saga = ({
  name,
  up,
}: ServiceNames) => `import { defineSaga } from '${up.slice(3)}/shared/contract/saga.ts'
import { defineSubject } from '${up.slice(3)}/shared/contract/subject.ts'
import { events as ${name} } from './${name}/events.ts'

/** What the saga is about. */
export const subject = defineSubject({ noun: '${name}', prefix: '${name}' })

/** The saga; each service adds its events. */
export const saga = defineSaga({ name: '${name}', subject, events: [...${name}] })
`

const events = ({ name, Name, up }: ServiceNames) => `import { z } from 'zod'
import { type EventOf, eventsOf } from '${up}/shared/contract/event.ts'

const { defineEvent } = eventsOf({ ${name}: '${name}' })

/** Nothing is done yet. */
export const ${Name}Requested = defineEvent('${name}.requested', 1, z.strictObject({}))
export type ${Name}Requested = EventOf<typeof ${Name}Requested>

/** All of it is done. */
export const ${Name}Completed = defineEvent('${name}.completed', 1, z.strictObject({}), { terminal: true })

/** Nothing of it is kept. */
export const ${Name}Failed = defineEvent('${name}.failed', 1, z.strictObject({}), { terminal: true })

export const events = [${Name}Requested, ${Name}Completed, ${Name}Failed]
`

const domain = ({
  name,
  Name,
  up,
}: ServiceNames) => `import type { Fact } from '${up}/shared/contract/event.ts'
import { accept, ignore } from '${up}/shared/saga/define/decision.ts'
import { ${Name}Completed, ${Name}Failed, ${Name}Requested } from './events.ts'

/** How a ${name} stands. */
export type ${Name} = { readonly status: 'none' | 'requested' | 'completed' | 'failed' }

export const request${Name} = ({ status }: ${Name}) =>
  status === 'none' ? accept(${Name}Requested({})) : ignore(\`the ${name} is \${status}\`)

/** The end when all went well; the first end counts. */
export const complete${Name} = ({ status }: ${Name}) =>
  status === 'requested' ? accept(${Name}Completed({})) : ignore(\`the ${name} is \${status}\`)

/** The end when something was refused, and all that was done is undone. */
export const fail${Name} = ({ status }: ${Name}) =>
  status === 'requested' ? accept(${Name}Failed({})) : ignore(\`the ${name} is \${status}\`)

/** The ${name} after a fact of its own. */
export const evolve = (${name}: ${Name}, { type }: Fact): ${Name} => {
  switch (type) {
    case '${name}.requested':
      return { status: 'requested' }
    case '${name}.completed':
      return { status: 'completed' }
    case '${name}.failed':
      return { status: 'failed' }
    default:
      return ${name}
  }
}
`

const reactions = ({
  name,
  Name,
  up,
}: ServiceNames) => `import type { Reaction } from '${up}/shared/saga/define/reaction.ts'
import { noCalls, type Service } from '${up}/shared/saga/define/service.ts'
import { saga } from '../saga.ts'
import { ${sorted('evolve', `type ${Name}`)} } from './domain.ts'

export const reactions: readonly Reaction<${Name}>[] = []

/** The ${name} service: it begins a ${name} and, from what the others say, knows how it ended. */
export const ${name}Service: Service<${Name}> = {
  saga,
  name: '${name}',
  initial: { status: 'none' },
  evolve,
  reactions,
  says: { '${name}.requested': 'forward' },
  perform: noCalls,
}
`

const spec = ({ name, Name }: ServiceNames) => `import { expect } from 'chai'
import { complete${Name}, fail${Name}, request${Name} } from './domain.ts'

describe('a ${name}', () => {
  it('is requested once', () => {
    expect(request${Name}({ status: 'none' }).kind).to.equal('accept')
    expect(request${Name}({ status: 'requested' }).kind).to.equal('ignore')
  })

  it('ends once', () => {
    for (const end of [complete${Name}, fail${Name}]) {
      expect(end({ status: 'requested' }).kind).to.equal('accept')
      expect(end({ status: 'completed' }).kind).to.equal('ignore')
      expect(end({ status: 'failed' }).kind).to.equal('ignore')
    }
  })
})
`

const run = ({
  name,
  Name,
  up,
}: ServiceNames) => `import { documentsStory } from '${up.slice(3)}/harness/documents-story.ts'
import { runPrivately, type Trial } from '${up.slice(3)}/local/run-privately.ts'
import type { SagaContext } from '${up.slice(3)}/shared/saga/context.ts'
import type { Service } from '${up.slice(3)}/shared/saga/define/service.ts'
import { initiate } from '${up.slice(3)}/shared/saga/process/initiate.ts'
${importsOf({
  [`./${name}/domain.ts`]: `{ ${sorted(`request${Name}`, `type ${Name}`)} }`,
  [`./${name}/reactions.ts`]: `{ ${name}Service }`,
  './saga.ts': '{ subject }',
})}

const services: readonly Service[] = [${name}Service]

/** Requests a ${name}, and waits for its end. */
const trial: Trial = async (running, say) => {
  const context = running.contextOf('${name}') as SagaContext<${Name}>
  const id = subject.idOf(context.random.id())
  await initiate(context, id, request${Name})
  const statusOf = async () => (await context.store.load(id))?.state.status ?? 'none'
  const isOver = await running.until(async () => ['completed', 'failed'].includes(await statusOf()), 10_000)
  say((await documentsStory(running, id)).join('\\n'))
  return isOver ? [] : [\`the ${name} is \${await statusOf()} after 10 s\`]
}

process.exit(await runPrivately(services, trial))
`

const page = ({ name, Name }: ServiceNames) => `# ${Name}

Begins a ${name} and, from what the other services say, knows how it ended.

| hears | decides | may say |
|---|---|---|
| a request | [request${Name}](domain.ts#request${Name}) | \`${name}.requested\` |
`
