import type { OutgoingMessage } from './broker.ts'
import type { JournalCopy } from './journal.ts'

/** The message as it was first sent, to be sent there: without what brokers and strangers added. */
export const resendOf = (
  { body, contentType = '', type = 'unknown', messageId = 'unknown', correlationId, headers }: JournalCopy,
  where: Pick<OutgoingMessage, 'exchange' | 'key'>,
): OutgoingMessage => ({
  ...{ ...where, body, contentType, type, messageId, headers },
  ...(correlationId !== undefined && { correlationId }),
})
