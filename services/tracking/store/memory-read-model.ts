import { frozen } from '../../../shared/storage/memory/frozen.ts'
import {
  type ListQuery,
  type ModelDocument,
  type ReadModel,
  type ReadModels,
  type Register,
  type TextRange,
  usualSort,
} from './read-model.ts'

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
    list: async query => {
      const { by, descending } = query.sort ?? usualSort
      const found = sorted(document => String(fieldOf(document, by))).filter(one => fits(one, query))
      return (descending ? found.reverse() : found).slice(0, query.limit)
    },
    page: async (after, limit) =>
      sorted(({ orderId }) => orderId)
        .filter(({ orderId }) => after === undefined || orderId > after)
        .slice(0, limit),
  }
}

const fieldOf = (document: ModelDocument, field: string): unknown =>
  (document as unknown as Record<string, unknown>)[field]

const fits = (document: ModelDocument, { equal, within = {}, sort = usualSort }: ListQuery): boolean =>
  fieldOf(document, sort.by) !== undefined &&
  Object.entries(equal).every(([field, wanted]) => [fieldOf(document, field)].flat().includes(wanted)) &&
  Object.entries(within).every(([field, range]) => isWithin(fieldOf(document, field), range))

const isWithin = (value: unknown, { after, before }: TextRange): boolean =>
  typeof value === 'string' &&
  (after === undefined || value > after) &&
  (before === undefined || value < before)

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
