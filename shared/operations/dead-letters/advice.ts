import { helpByCode } from '../../runtime/errors.ts'
import type { DeadLetter } from './dead-letter.ts'

/** What to do before a dead letter is sent again, by the code that parked it. */
export const adviceByCode = {
  'event-newer': 'finish the deployment: no instance knew its version for as long as the attempts lasted',
  'event-unknown': 'deploy the release of this service that knows its type',
  'upcast-failed': 'fix the upcast, or the sender of such data, and deploy it',
  'event-invalid': 'fix whoever made it: its data do not fit their schema',
  'body-unreadable': 'fix the sender: this is no event, and if it never was one, purge it',
  'event-forged':
    'find out who sent it: it is not from the owner of its type, is never replayed, and can only be purged',
  'crash-loop': 'fix the handler: its process died each time with this message in hand',
  'delivery-limit': 'fix the handler: the broker handed it out too often without an answer',
  'document-refused': 'fix the sender or the rule: MongoDB can never hold what comes of it',
  'provider-protocol': 'compare the versions of both sides: the provider answered outside its contract',
  'provider-unavailable': 'see that the provider answers: it did not, for as long as the attempts lasted',
  draining: 'nothing: its attempts were used up by restarts',
  contended: 'nothing: its attempts were used up by others who wrote first',
  'store-unavailable': 'see that MongoDB takes writes: its attempts were used up by that',
} as const satisfies Readonly<Record<string, string>>

/** What codes of MongoDB's server mean that no code of ours stands for. */
const mongoCodes: Readonly<Record<string, string>> = {
  13: 'the user of the service lacks a right on its database: give it back',
  121: 'a validation rule of the collection refuses the document: fix the rule or the sender',
  11000: 'a unique index has the value already: drop the index that is not ours, or fix the sender',
}

/**
 * What is to be done about a dead letter before it is sent again, in words: by its code, and for a programming
 * error by its place. Pure.
 */
export const adviceOn = ({ reason, errorAt }: Pick<DeadLetter, 'reason' | 'errorAt'>): string => {
  if (reason === 'event-invalid' && errorAt !== undefined)
    return 'fix the handler: it made an event that does not fit its schema'
  if (isKeyOf(adviceByCode, reason)) return adviceByCode[reason]
  if (isKeyOf(helpByCode, reason)) return helpByCode[reason].replace(/\.$/, '')
  if (/^\d+$/.test(reason))
    return mongoCodes[reason] ?? `find out what code ${reason} means to the server that said it`
  if (errorAt !== undefined) return `fix the code at ${errorAt}, and deploy it`
  return `fix what ${reason} comes from: the log of the service has the error with its stack`
}

const isKeyOf = <T extends object>(table: T, key: string): key is Extract<keyof T, string> =>
  Object.hasOwn(table, key)
