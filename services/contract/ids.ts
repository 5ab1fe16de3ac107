import { z } from 'zod'
import type { SubjectId } from '../../shared/contract/ids.ts'
import { defineSubject } from '../../shared/contract/subject.ts'

/** What the shop's saga is about. */
export const order = defineSubject({ noun: 'order', prefix: 'ord' })

/** `ord_` and 26 characters of `0-9a-v`. */
export const OrderId = order.Id
export type OrderId = SubjectId

/** The order id of 26 base32hex characters that are random or a digest. */
export const orderIdOf = order.idOf

/** What is sold. Letters, digits and dashes, so that it can be a document id and a path segment. */
export const Sku = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, 'a SKU: 1 to 40 letters, digits or dashes')
  .brand<'Sku'>()
export type Sku = z.output<typeof Sku>
