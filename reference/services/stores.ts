import { shop } from '../../services/contract/shop.ts'
import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import { table } from '../page.ts'
import { type DescribedService, toRoot } from './described-services.ts'

/** Its collections, and the states that an order has in it. */
export const storing = ({ name, description: { stores, states } }: DescribedService): string => {
  const collections = table(
    ['collection', 'a document has'],
    Object.entries(stores).map(([collection, holds]) => [
      `\`${shop.names.databaseOf(name)}.${collection}\``,
      holds,
    ]),
  )
  return states ? `${collections}\n\n${statesOf(states)}` : collections
}

const statesOf = (states: NonNullable<ServiceDescription['states']>): string =>
  [
    `What an order is to it, and which of its own facts changes that ([one document is the transaction](${toRoot}/docs/adr/0003-one-document-is-the-transaction.md)):`,
    `\`\`\`mermaid\nflowchart LR\n${Object.entries(states).flatMap(arrowsFrom).join('\n')}\n\`\`\``,
    table(
      ['state', 'means'],
      Object.entries(states).map(([state, { means }]) => [`\`${state}\``, means]),
    ),
  ].join('\n\n')

const arrowsFrom = ([from, { next = {} }]: [
  string,
  NonNullable<ServiceDescription['states']>[string],
]): string[] => {
  const targets = [...new Set(Object.values(next))]
  return targets.map(to => {
    const facts = Object.keys(next).filter(fact => next[fact] === to)
    return `  ${from} -- "${facts.join(', ')}" --> ${to}`
  })
}
