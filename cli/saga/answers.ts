import { z } from 'zod'

const Awaiting = z.object({
  ...{ service: z.string(), events: z.array(z.string()), since: z.string() },
  ...{ withinMs: z.number(), overdue: z.boolean() },
})

const Summary = z.object({
  ...{ orderId: z.string(), settled: z.boolean(), awaiting: z.array(Awaiting) },
})

const Counts = z.object({ attemptsFailed: z.int(), parked: z.int(), repaired: z.int() })

/** An order as a list has it. */
export const Listed = Summary.extend({
  ...{ status: z.string(), customerId: z.string().nullable(), total: z.int().nullable() },
  ...{ placedAt: z.string().nullable(), updatedAt: z.string() },
  ...Counts.shape,
})
export type Listed = z.output<typeof Listed>

/** A page of the list; `next` is the cursor of the next one. */
export const ListPage = z.object({
  ...{ asOf: z.string().nullable(), lagSeconds: z.number() },
  ...{ orders: z.array(Listed), next: z.string().nullable() },
})

/** A fact or a notice of the story. */
export const Entry = z.object({
  ...{ id: z.string(), type: z.string(), service: z.string(), at: z.string() },
  ...{ cause: z.string().optional(), notice: z.string().optional() },
  newer: z.int().optional(),
  data: z.record(z.string(), z.unknown()),
})
export type Entry = z.output<typeof Entry>

export const Step = z.union([
  z.object({ gap: z.literal(true), id: z.string() }),
  Entry.extend({ afterMs: z.number().optional(), sinceStartMs: z.number() }),
])
export type Step = z.output<typeof Step>

/** The whole story of one order; a status of null says that the journal has not told of it yet. */
export const Story = Summary.extend({
  ...{ asOf: z.string().nullable(), lagSeconds: z.number() },
  ...{ status: z.string().nullable(), steps: z.array(Step) },
  ...Counts.partial().shape,
})
export type Story = z.output<typeof Story>
