import { expect } from 'chai'
import { orderIdOf } from '../../../services/contract/ids.ts'
import type { Event } from '../../../services/contract/shop.ts'
import { rules } from '../../../services/payment/reactions.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import { blank, type SagaDocument } from '../../../shared/saga/document/document.ts'
import { recentDocuments } from '../../../shared/saga/document/recent-documents.ts'
import { failureOf, failureOn } from '../../../shared/saga/process/failure-report.ts'
import { anEvent } from '../../support/events.ts'

const subject = orderIdOf('0'.repeat(26))
const reserved = { ...anEvent('inventory.reserved'), subject } as Event
const refused = { ...anEvent('shipment.refused'), subject } as Event
const captured = { ...anEvent('payment.captured'), subject } as Event
const empty: SagaDocument = blank(subject, rules.initial)

describe('what is reported of a failure', () => {
  let reads: number
  const contextWith = (load: () => Promise<SagaDocument | undefined>, recent?: SagaDocument) => {
    reads = 0
    const recently = recentDocuments<unknown>(1)
    if (recent) recently.keep(recent)
    const store = {
      load: () => {
        reads += 1
        return load()
      },
    }
    return { service: rules, recentDocuments: recently, store } as unknown as SagaContext
  }
  const quoting = new Error('no way to A. Buyer, 1 Main Street, with tok_approve')

  it('[I19] has no value of the event', async () => {
    const report = await failureOf(
      contextWith(async () => undefined),
      quoting,
      reserved,
    )
    expect(report.error).to.equal('no way to ***, with ***')
  })

  it('[I19] has no value of what is on record of its subject, though the event says nothing of it', async () => {
    const document = { ...empty, version: 1, events: [captured] }
    for (const context of [contextWith(async () => document), contextWith(async () => empty, document)]) {
      const report = await failureOf(context, new Error('no way to A. Buyer'), refused)
      expect(report.error).to.equal('no way to ***')
    }
    expect(reads, 'only what is not known is read').to.equal(1)
  })

  it('[I19] has no value of an open call but its kind', () => {
    const call = { kind: 'charge', token: 'tok_approve', shipTo: { name: 'A. Buyer' } }
    const source = { id: reserved.id, type: reserved.type }
    const document = { ...empty, intent: { source, call, record: 'once' } } as const
    expect(
      failureOn({ service: rules }, new Error('charge tok_approve of A. Buyer'), document).error,
    ).to.equal('charge *** of ***')
  })

  it('[I19] has no words when it cannot be known which of them are values, and still its place', async () => {
    const away = contextWith(() => Promise.reject(new SagaError('store-unavailable', 'down')))
    const report = await failureOf(away, quoting, refused)
    expect(report).to.not.have.property('error')
    expect(report).to.include({ code: 'Error' })
    expect(report.errorAt).to.match(/^tests\/saga\/process\/failure-report\.spec\.ts:\d+$/)
  })

  it('asks no store about an error of ours', async () => {
    const ours = new SagaError('provider-unavailable', 'the carrier answered 503')
    const report = await failureOf(
      contextWith(async () => empty),
      ours,
      reserved,
    )
    expect([report.error, reads]).to.deep.equal(['the carrier answered 503', 0])
  })
})
