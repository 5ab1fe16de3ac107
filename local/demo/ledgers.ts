import { z } from 'zod'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { PatientCall } from './patient.ts'

const LedgerEntry = z.object({
  key: z.string(),
  orderId: z.string(),
  kind: z.enum(['charge', 'refund', 'void', 'shipment']),
  amount: z.int(),
  at: z.int(),
})
/** Something that really happened at a provider. `amount` is in cents, `at` in ms since the epoch. */
export type LedgerEntry = z.output<typeof LedgerEntry>

/** Everything that the payment provider and the carrier ever did, oldest first. */
export const readLedgers = async (
  { paymentProvider, carrier }: { paymentProvider: string; carrier: string },
  caller: PatientCall,
): Promise<LedgerEntry[]> => {
  const both = await Promise.all([paymentProvider, carrier].map(url => readLedger(url, caller)))
  return both.flat().toSorted((a, b) => a.at - b.at)
}

const readLedger = async (url: string, { call }: PatientCall): Promise<LedgerEntry[]> => {
  const { status, text } = await call({ url: `${url.replace(/\/$/, '')}/ledger` })
  if (status !== 200) throw new SagaError('answer-unexpected', `/ledger answered ${status}`)
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => LedgerEntry.parse(JSON.parse(line)))
}
