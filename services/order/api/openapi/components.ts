import { z } from 'zod'
import { forReaders } from '../../../../shared/contract/json-schema.ts'
import { EnteredAddress, PaymentToken, StockLine } from '../../../contract/fields.ts'
import { OrderId, Sku } from '../../../contract/ids.ts'
import {
  AwaitedStep,
  ListedOrder,
  OrderPage,
  OrderStory,
  StoryEnd,
  StoryEntry,
  StoryGap,
  StoryStep,
  ToldStory,
  UntoldStory,
} from '../../../private-calls/order-story.ts'
import { StockTotals } from '../../../private-calls/stock.ts'
import { OrderRequest } from '../../order-port.ts'
import { Description } from './about.ts'
import { CancelAsked, Catalogue, Erased, OrderAnswer, Receipt } from './answers.ts'
import { ProblemDocument } from './problems.ts'
import { RestockRequest } from './requests.ts'

/** The schemas that the document has under a name of their own; they refer to each other by it. */
const named = {
  ...{ OrderId, Sku, PaymentToken, Address: EnteredAddress, StockLine, OrderRequest, RestockRequest },
  ...{ Receipt, Order: OrderAnswer, CancelAsked, Erased, Catalogue, Stock: StockTotals, Description },
  ...{ AwaitedStep, ListedOrder, OrderPage, StoryEntry, StoryStep, StoryGap, ToldStory, UntoldStory },
  ...{ OrderStory, StoryEnd, Problem: ProblemDocument },
}

const registry = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })

const place = '#/components/schemas/'

/** Every named schema as JSON Schema 2020-12. */
export const namedSchemas = (): Readonly<Record<string, object>> => {
  const { schemas } = z.toJSONSchema(registry, { ...written, uri: id => place + id })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/** A reference to a named schema, and any other schema itself. */
export const schemaOf = (schema: z.ZodType): object => {
  const id = registry.get(schema)?.id
  return id === undefined ? bare(z.toJSONSchema(schema, written)) : { $ref: place + id }
}

/** As it travels: before a text is made a number. What is sensitive goes in and never comes out. */
const written = {
  io: 'input',
  override: one => {
    const { jsonSchema } = one
    if (jsonSchema['x-sensitive']) jsonSchema.writeOnly = true
    forReaders(one)
    delete jsonSchema.readOnly
  },
} as const satisfies z.core.ToJSONSchemaParams

const bare = ({ $id, $schema, ...schema }: { readonly $id?: string; readonly $schema?: string }): object =>
  schema
