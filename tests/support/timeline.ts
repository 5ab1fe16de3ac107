import type { SagaDocument } from '../../shared/saga/document/document.ts'

/** The order's story as its services have it on record: when, who, what, and because of what. */
export const timelineOf = (documents: readonly SagaDocument[]): string => {
  const events = documents.flatMap(document => document.events).sort((a, b) => a.at.localeCompare(b.at))
  const lines = events.map(
    ({ at, id, type, note, cause }) =>
      `${at.slice(11, 23)}  ${type.padEnd(24)} ${note ? '(note) ' : ''}${id.split(':').slice(1).join(':')}${
        cause ? ` because of ${cause.split(':').slice(1).join(':')}` : ''
      }`,
  )
  const open = documents.flatMap(({ subject: orderId, intent, unsent }) => [
    ...(intent ? [`open call for ${intent.source.id}`] : []),
    ...(unsent.length > 0 ? [`unsent in ${orderId}: ${unsent.join(', ')}`] : []),
  ])
  return ['timeline of the order:', ...lines, ...open].join('\n')
}
