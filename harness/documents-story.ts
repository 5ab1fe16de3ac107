import type { SubjectId } from '../shared/contract/ids.ts'
import { publicEvents } from '../shared/saga/context.ts'
import type { RunningSaga } from './run-saga.ts'

/**
 * What the services of a saga have on record of a subject, an event a line: when it was said, in seconds
 * since the first one, its service, and its type. @throws SagaError `store-unavailable`
 */
export const documentsStory = async (
  { services, contextOf }: RunningSaga,
  subject: SubjectId,
): Promise<readonly string[]> => {
  const documents = await Promise.all(services.map(name => contextOf(name).store.load(subject)))
  const said = documents.flatMap((document, i) =>
    publicEvents(document?.events ?? []).map(({ type, at }) => ({
      by: services[i] ?? '',
      type,
      at: Date.parse(at),
    })),
  )
  const [first] = said.sort((a, b) => a.at - b.at)
  const width = Math.max(...services.map(({ length }) => length))
  return said.map(({ by, type, at }) => {
    const seconds = ((at - (first?.at ?? at)) / 1_000).toFixed(3)
    return `${seconds.padStart(9)} s  ${by.padEnd(width)}  ${type}`
  })
}
