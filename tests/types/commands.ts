// Checked by the compiler alone: each line below a `@ts-expect-error` must not compile.

import { z } from 'zod'
import { commandBus, idReused } from '../../shared/commands/command-bus.ts'
import { defineCommand, defineQuery } from '../../shared/commands/define.ts'
import { queryBus } from '../../shared/commands/query-bus.ts'

const Paint = defineCommand({
  name: 'paint',
  schema: z.strictObject({ colour: z.string() }),
  answer: z.custom<'painted'>(),
  repeat: 'same-answer',
})
const Air = defineCommand({ name: 'air', answer: z.custom<number>(), repeat: 'harmless' })
const Count = defineQuery({ name: 'count', answer: z.custom<number>() })

const paint = async () => 'painted' as const
const air = async () => 1

// @ts-expect-error the handler of air is missing
commandBus([Paint, Air], { paint })

// @ts-expect-error heat is no command
commandBus([Paint, Air], { paint, air, heat: air })

// @ts-expect-error painting is answered with a word
commandBus([Paint, Air], { paint: air, air })

// @ts-expect-error of what is harmless no id is on record
commandBus([Air], { air: async () => idReused })

// @ts-expect-error a colour is a text
commandBus([Paint], { paint: async ({ content }) => content.colour.toFixed() })

// @ts-expect-error the handler of count is missing
queryBus([Count], {})

// @ts-expect-error a command says what makes its repeat safe
defineCommand({ name: 'heat', answer: z.custom<number>() })

const bus = commandBus([Air], { air })
// @ts-expect-error the bus has no handler for paint
export const sent = bus.send(Paint, { content: {} }, { actor: { name: 'ada', operator: false } })
