import { LedgerEntry } from '../local/providers/ledger.ts'
import { SagaError } from '../shared/runtime/errors.ts'
import type { PatientClient } from './patient-client.ts'

/** Everything that the payment provider and the carrier ever did, oldest first. */
export const readLedgers = async (
  { paymentProvider, carrier }: { paymentProvider: string; carrier: string },
  caller: PatientClient,
): Promise<LedgerEntry[]> => {
  const both = await Promise.all([paymentProvider, carrier].map(url => readLedger(url, caller)))
  return both.flat().toSorted((a, b) => a.at - b.at)
}

const readLedger = async (url: string, { call }: PatientClient): Promise<LedgerEntry[]> => {
  const { status, text } = await call({ url: `${url.replace(/\/$/, '')}/ledger` })
  if (status !== 200) throw new SagaError('answer-unexpected', `/ledger answered ${status}`)
  const lines = text.split('\n').filter(line => line !== '')
  return lines.map(line => LedgerEntry.parse(JSON.parse(line)))
}
