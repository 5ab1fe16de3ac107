import type { Documents, Known } from './store.ts'

/** Puts on record what is about to be done outside of the document, before it is; what was begun before is done again, for it is done once. */
export const intend = async <State>(
  documents: Documents<State>,
  orderId: string,
  before: Known<State> | undefined,
  { is, state }: { is: string; state: State },
): Promise<Known<State>> => {
  if (before) return before
  const document = { _id: orderId, version: 1, is, state, inbox: [], outbox: [] }
  if (await documents.insert(document)) return document
  throw new Error(`${orderId} is under way already`)
}
