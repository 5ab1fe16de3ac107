import type { Mutant } from './mutant.ts'

const handle = 'shared/saga/process/handle.js'
const intent = 'shared/saga/process/intent.js'
const settle = 'shared/saga/consume/disposition.js'
const sweep = 'shared/saga/process/sweep.js'

/** Rule 3: a call outside is on record before it is made. */
export const callMutants: readonly Mutant[] = [
  {
    name: 'intent-counts-as-handled',
    rule: '3: an intent is committed without an inbox entry',
    file: handle,
    find: 'changeOf(context.service, document, { intent, ...token }, context.clock.now())',
    replace:
      "changeOf(context.service, document, { intent, ...token, inbox: { [id]: { outcome: 'applied' } } }, context.clock.now())",
  },
  {
    name: 'no-intent',
    rule: '3: the call is on record before it is made',
    file: handle,
    find: "if (record === 'never')",
    replace: "if (record !== 'every-attempt')",
  },
  {
    name: 'decide-beside-intent',
    rule: '3: whoever finds an open intent finishes it before it decides',
    file: handle,
    find: 'if (hasIntent(document))',
    replace: 'if (hasIntent(document) && document.intent.source.id === input.event.id)',
  },
  {
    name: 'detached-and-forgotten',
    rule: '3: a detached call has a due time',
    file: intent,
    find: "const write = { intent: { ...document.intent, due }, inbox: { [source]: { outcome: 'applied' } } };",
    replace: "const write = { intent: document.intent, inbox: { [source]: { outcome: 'applied' } } };",
  },
  {
    name: 'detached-unmarked',
    rule: '3: the events of a detached call are marked as unsent',
    file: intent,
    find: 'unsent: due !== undefined',
    replace: 'unsent: false',
  },
  {
    name: 'due-not-taken-over',
    rule: '3: a sweep resumes detached calls past due',
    file: sweep,
    find: "if ((await claim(context, document)) !== 'conflict')\n        finishInBackground(context, document.subject, { by: 'sweep' });",
    replace: '',
  },
  {
    name: 'busy-is-done',
    rule: '3: an input that meets an open call waits',
    file: settle,
    find: "return { do: 'wait', ms: asLongAgain(delay(0)), attempt: attempts, reason: 'call-open' };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'resumed-unpublished',
    rule: '3: whoever finishes an intent publishes its events before it decides',
    file: handle,
    find: 'await relay(context, document.subject, finished.events);',
    replace: 'void 0;',
    tolerated: 'the events are marked, so the sweep sends them: this one only saves time',
  },
]
