import type { Mutant } from './mutant.ts'

const consume = 'shared/saga/consume'
const settle = 'shared/saga/consume/disposition.js'

/** Rule 6: what fails is retried, given up and replayed. */
export const failureMutants: readonly Mutant[] = [
  {
    name: 'copy-unconfirmed',
    rare: true,
    rule: '6: the copy that waits is confirmed before the original is acknowledged',
    file: `${consume}/dispose.js`,
    find: 'await publisher.publish(retryCopyOf(delivery, part, disposition, about));',
    replace: 'publisher.publish(retryCopyOf(delivery, part, disposition, about)).catch(() => { });',
  },
  {
    name: 'dead-unmarked',
    rule: '6: dead in the inbox first, then to the dead letters',
    file: settle,
    find: 'attempts + 1 >= maxAttempts, true)',
    replace: 'attempts + 1 >= maxAttempts, false)',
  },
  {
    name: 'dead-over-applied',
    rare: true,
    rule: '6: only what is absent or dead is marked dead',
    file: 'shared/saga/process/park.js',
    find: "if (isHandled(before))\n        return 'handled';",
    replace: '',
  },
  {
    name: 'dead-acknowledged',
    rare: true,
    rule: '6: a dead input that comes again goes to the dead letters again',
    file: settle,
    find: "return { do: 'park', attempts, reason: result.reason, mark: false };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'no-suspects',
    rule: '6: from the third delivery on, an event is a suspect',
    file: `${consume}/received-event.js`,
    find: 'delivery.earlierDeliveries >= suspectAfter',
    replace: 'false',
  },
  {
    name: 'suspect-uncounted',
    rule: '6: an attempt at a suspect is counted before it begins',
    file: `${consume}/pipeline.js`,
    find: 'if (!received.counted)\n            await markSuspect(context, input, maxSuspectTries);',
    replace: '',
  },
  {
    name: 'suspect-in-company',
    rule: '6: a suspect is handled alone',
    file: `${consume}/pipeline.js`,
    find: 'return perSubject.runAlone(async () => {',
    replace: 'return perSubject.run(decoded.event.subject, async () => {',
    tolerated:
      'after a crash one message is out at a time, so company is rare: two killers and six crashes in a row would be needed to park a neighbour; tests/saga/consume/per-subject-queue.spec.ts holds the rule',
  },
  {
    name: 'low-delivery-limit',
    rule: "6: the broker's delivery limit is high",
    file: 'shared/messaging/topology/topology.js',
    find: 'const deliveryLimit = 50;',
    replace: 'const deliveryLimit = 1;',
  },
  {
    name: 'store-down-drops',
    rule: '6: while the store is away, messages are kept',
    file: settle,
    find: "return { do: 'keep' };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'store-trouble-counts',
    rare: true,
    rule: '6: what befalls the store counts nothing against an event',
    file: `${consume}/pipeline.js`,
    find: "if (isStoreAway(error))\n            return { kind: 'down', code: codeOf(error) };",
    replace: '',
  },
  {
    name: 'replay-without-id',
    rule: '6: a replay carries a fresh re-send id',
    file: 'tests/simulation/world/operator.js',
    find: "headers: { 'x-resend': resend }",
    replace: 'headers: {}',
  },
  {
    name: 'replay-acknowledges-first',
    rare: true,
    rule: '6: the dead letter is acknowledged once its replay is confirmed',
    file: 'tests/simulation/world/operator.js',
    find: "await publisher.publish({\n        ...held.message,\n        exchange: '',\n        key: inboxOf(service),\n        headers: { 'x-resend': resend },\n    });",
    replace:
      "publisher.publish({ ...held.message, exchange: '', key: inboxOf(service), headers: { 'x-resend': resend } }).catch(() => {});",
  },
]
