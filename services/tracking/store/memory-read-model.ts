import { frozen } from '../../../shared/storage/memory/frozen.ts'
import type { ListQuery, ModelDocument, ReadModel, ReadModels, Register } from './read-model.ts'

/** Read models in memory, for tests. */
export const memoryReadModels = <D extends ModelDocument>(): ReadModels<D> => {
  const models = new Map<string, ReadModel<D>>()
  const model = (name: string) => {
    const made = models.get(name) ?? memoryModel<D>()
    models.set(name, made)
    return made
  }
  return {
    prepare: async () => {},
    model,
    drop: async name => void models.delete(name),
    register: memoryRegister(),
  }
}

const memoryModel = <D extends ModelDocument>(): ReadModel<D> => {
  const byId = new Map<string, D>()
  const save = (document: D) => {
    if ((byId.get(document.orderId)?.version ?? 0) !== document.version) return 'conflict'
    byId.set(document.orderId, frozen({ ...document, version: document.version + 1 }))
    return 'saved'
  }
  const sorted = (by: (document: D) => string) => [...byId.values()].sort((a, b) => (by(a) < by(b) ? -1 : 1))
  return {
    load: async ids => ids.map(id => byId.get(id)),
    save: async documents => documents.map(save),
    list: async query =>
      sorted(({ newest }) => newest)
        .filter(document => fits(document, query))
        .slice(0, query.limit),
    page: async (after, limit) =>
      sorted(({ orderId }) => orderId)
        .filter(({ orderId }) => after === undefined || orderId > after)
        .slice(0, limit),
  }
}

const fits = (document: ModelDocument, { equal, after }: ListQuery): boolean =>
  (after === undefined || document.newest > after) &&
  Object.entries(equal).every(([field, wanted]) =>
    [(document as unknown as Record<string, unknown>)[field]].flat().includes(wanted),
  )

const memoryRegister = (): Register => {
  const values = new Map<string, { version: number; value: unknown }>()
  const versionOf = (name: string) => values.get(name)?.version ?? 0
  const set = (name: string, version: number, value: unknown) =>
    void values.set(name, frozen({ version, value }))
  return {
    read: async name => values.get(name),
    write: async (name, version, value) => {
      if (versionOf(name) !== version) return 'conflict'
      set(name, version + 1, value)
      return 'written'
    },
    put: async (name, value) => set(name, versionOf(name) || 1, value),
  }
}
