import { unseen, type Verdict } from '../../shared/operations/explain/explain.ts'
import { wrapped } from '../fit.ts'
import { duration, type Screen } from '../terminal.ts'

/** The verdict in words: what is the matter with each open step, since when, and what to do; `now` in ms. */
export const whyText = (
  { subject: orderId, status, words, causes, blind }: Verdict,
  now: number,
  { paint, columns }: Screen,
): string => {
  const colour = status === 'settled' ? paint.good : status === 'under-way' ? paint.strong : paint.bad
  return [
    `${orderId}  ${colour(status)}: ${words}`,
    ...causes.flatMap(({ service, event, awaits, since, words: matter, todo }) => [
      `  ${service} has not finished with ${event.type} (${event.id}), since ${duration(Math.max(0, now - since))}`,
      `    ${matter}`,
      ...(awaits.length > 0 ? [`    then: ${awaits.join(' or ')}`] : []),
      `    do: ${todo}`,
    ]),
    ...(causes.length > 0 ? unseen(blind).map(line => paint.doubtful(`  ${line}`)) : []),
  ]
    .map(line => wrapped(line, columns, 6))
    .join('\n')
}
