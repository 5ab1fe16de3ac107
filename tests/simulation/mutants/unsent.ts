import type { Mutant } from './mutant.ts'

const handle = 'shared/saga/process/handle.js'
const sweep = 'shared/saga/process/sweep.js'

/** Rule 2: what no message caused is marked, swept and sent again. */
export const unsentMutants: readonly Mutant[] = [
  {
    name: 'no-mark',
    rule: '2: what no message caused is marked in the same write',
    file: 'shared/saga/process/initiate.js',
    find: '{ facts: decision.facts, unsent: true, traceparent }',
    replace: '{ facts: decision.facts, traceparent }',
  },
  {
    name: 'mark-gone-before-confirm',
    rule: '2: the mark goes when the event is confirmed',
    file: 'shared/saga/process/initiate.js',
    find: 'await context.publish(events);\n        await context.store.clearUnsent(subject, events.map(event => event.id));',
    replace:
      'await context.store.clearUnsent(subject, events.map(event => event.id));\n        await context.publish(events);',
  },
  {
    name: 'boolean-mark',
    rule: '2: the mark names its event; one for all loses a concurrent second event',
    file: 'shared/storage/memory/store.js',
    find: 'current.unsent.filter(id => !ids.includes(id))',
    replace: '[]',
  },
  {
    name: 'no-unsent-sweep',
    rule: '2: a sweep publishes what is still marked',
    file: sweep,
    find: 'document.unsent.includes(id) && (age >= minAge || age < 0)',
    replace: 'false',
  },
  {
    name: 'nudge-same-id',
    rule: '2: a nudge re-sends under a new id, which skips Redis and flows down',
    file: sweep,
    find: 'await context.publish(events, context.random.id());',
    replace: 'await context.publish(events);',
  },
  {
    name: 'nudge-asks-redis',
    rule: '2: a re-send does not ask Redis',
    file: handle,
    find: '!resend && (await context.done',
    replace: '(await context.done',
  },
  {
    name: 'resend-leaves-dead',
    rule: '2 and 6: a re-send that a dead input has not seen tries it again',
    file: handle,
    find: "entry?.outcome === 'dead' && (resend === undefined || resend === entry.resend)",
    replace: "entry?.outcome === 'dead'",
  },
]
