import { hearersOf, inWords, meaningsOf } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { noticeKinds, noticeType } from '../../shared/contract/notice.ts'
import type { Reaction } from '../../shared/saga/define/reaction.ts'
import { table } from '../page.ts'
import { type DescribedService, toRoot } from './described-services.ts'

/** What it hears, and what it may say to that. */
export const hearing = ({ service }: DescribedService): string => {
  if (!service)
    return `Every event and every notice of the journal, \`${shop.names.journal}\`, and nothing through an inbox. It answers none.`
  const unasked = Object.keys(service.says ?? {})
  return table(
    ['hears', 'from', 'may say then', 'usually within'],
    [
      ...unasked.map(type => ['(HTTP, time)', '-', linkTo(type), '-']),
      ...service.reactions.map(reaction => heard(reaction)),
    ],
  )
}

const heard = ({ on: { type, owner }, emits, within }: Reaction<unknown>): string[] => [
  linkTo(type),
  owner,
  Object.keys(emits).map(linkTo).join(' or ') || '-',
  within,
]

/** What it says, what that means, and who hears it. */
export const saying = ({ name, service }: DescribedService): string => {
  if (!service) return 'Nothing.'
  const own = events.filter(({ owner }) => owner === name)
  const rows = own.map(({ type }) => [
    linkTo(type),
    [...meaningsOf(shopFlow, type)].map(inWords).join(', or '),
    hearersOf(shopFlow, type).join(', ') || 'nobody has to',
  ])
  const notices = noticeKinds.map(kind => `\`${noticeType(name, kind)}\``).join(', ')
  return `${table(['says', 'which means', 'heard by'], rows)}\n\nIt reports its own trouble to the journal: ${notices}.`
}

const linkTo = (type: string) =>
  `[\`${type}\`](${toRoot}/docs/reference/events.md#${type.replaceAll('.', '')})`
