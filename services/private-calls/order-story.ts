import { z } from 'zod'
import { noticeKinds } from '../../shared/contract/notice.ts'
import { OrderStatus } from '../contract/fields.ts'
import { OrderId } from '../contract/ids.ts'

const instant = z.iso.datetime()
const count = z.int().min(0)

/** What has to happen next, who does it, and whether that takes longer than usual. */
export const AwaitedStep = z.object({
  service: z.string(),
  events: z.array(z.string()).describe('Any of these would do.'),
  since: instant,
  withinMs: count.describe('How long it usually takes at most.'),
  overdue: z.boolean(),
})

/** An order as a list shows it; what is null is not known yet. */
export const ListedOrder = z.object({
  orderId: OrderId,
  status: OrderStatus,
  settled: z.boolean().describe('Nothing is awaited any more.'),
  customerId: z.string().nullable(),
  caller: z.string().nullable(),
  total: count.nullable().describe('In cents.'),
  placedAt: instant.nullable(),
  updatedAt: instant,
  last: z.object({ id: z.string(), type: z.string(), at: instant }).describe('The newest fact.'),
  awaiting: z.array(AwaitedStep),
  reasons: z
    .array(z.string())
    .default([])
    .describe('Why it was rejected or cancelled, and why attempts failed.'),
  attemptsFailed: count,
  parked: count,
  repaired: count,
})
export type ListedOrder = z.input<typeof ListedOrder>

const asOf = {
  asOf: instant
    .nullable()
    .describe('Everything up to then is in the answer; null while nothing was read yet.'),
  lagSeconds: z.number().min(0),
}

/** A page of a list of orders. */
export const OrderPage = z.object({
  ...asOf,
  orders: z.array(ListedOrder),
  next: z.string().nullable().describe('The cursor of the next page; null on the last one.'),
})
export type OrderPage = z.input<typeof OrderPage>

/** A fact of a service, or a notice of its trouble. */
export const StoryEntry = z.object({
  id: z.string(),
  type: z.string(),
  service: z.string(),
  at: instant.describe('By the clock of the service.'),
  cause: z.string().optional().describe('The id of the event that it follows from, or that it is about.'),
  notice: z.enum(noticeKinds).optional().describe('Absent for a fact.'),
  newer: z
    .int()
    .optional()
    .describe(
      'The version of an event that is newer than what tracking knows: its data are missing until tracking is deployed in a release that knows it.',
    ),
  data: z.record(z.string(), z.unknown()).describe('Without anything sensitive.'),
})
export type StoryEntry = z.input<typeof StoryEntry>

/**
 * One step of a story, with the time since its cause and since the first step; differences of clocks may be
 * negative.
 */
export const StoryStep = StoryEntry.extend({
  afterMs: z.number().optional(),
  sinceStartMs: z.number(),
})
export type StoryStep = z.input<typeof StoryStep>

/** Something that others follow from and that the journal does not have. */
export const StoryGap = z.object({ gap: z.literal(true), id: z.string() })
export type StoryGap = z.input<typeof StoryGap>

/** The whole story of an order, in causal order. */
export const ToldStory = ListedOrder.extend({
  ...asOf,
  abridged: z.boolean().describe('Some notices were too many to be kept.'),
  steps: z.array(z.union([StoryGap, StoryStep])),
})

/** The story of an order that is not in the journal yet. */
export const UntoldStory = z.object({
  ...asOf,
  orderId: OrderId,
  status: z.null(),
  settled: z.literal(false),
  awaiting: z.array(AwaitedStep).max(0),
  steps: z.array(StoryStep).max(0),
})

export const OrderStory = z.union([ToldStory, UntoldStory])
export type OrderStory = z.input<typeof OrderStory>

/** The data of the last event of a stream: the order is settled. */
export const StoryEnd = z.object({ orderId: OrderId, status: OrderStatus })
