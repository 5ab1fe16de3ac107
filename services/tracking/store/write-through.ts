import type { ModelDocument, ReadModel } from './read-model.ts'

/**
 * The same read model with a cache of the last `size` documents that were saved through it, so that who
 * writes them again need not read them. Somebody else may have written meanwhile: then `load` gives what is
 * older, and saving on top of it is a `conflict`, after which it is read again.
 */
export const writeThrough = <D extends ModelDocument>(model: ReadModel<D>, size: number): ReadModel<D> => {
  const recent = new Map<string, D>()
  const keep = (document: D) => {
    recent.set(document.orderId, { ...document, version: document.version + 1 })
    const [oldest] = recent.keys()
    if (recent.size > size && oldest !== undefined) recent.delete(oldest)
  }
  const load = async (orderIds: readonly string[]) => {
    const missing = orderIds.filter(id => !recent.has(id))
    if (missing.length === 0) return orderIds.map(id => recent.get(id))
    const found = await model.load(missing)
    const read = new Map(missing.map((id, i) => [id, found[i]]))
    return orderIds.map(id => recent.get(id) ?? read.get(id))
  }
  const save = async (documents: readonly D[]) => {
    // Nobody knows what became of them until the store says so.
    for (const { orderId } of documents) recent.delete(orderId)
    const outcomes = await model.save(documents)
    for (const [i, document] of documents.entries()) if (outcomes[i] === 'saved') keep(document)
    return outcomes
  }
  return { ...model, load, save }
}
