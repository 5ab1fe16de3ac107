import { expect } from 'chai'
import { waitUntil } from '../../../local/supervision/wait.ts'
import type { Charge } from '../../../services/payment/provider.ts'
import { refusalOf } from './refusal.ts'
import { inProcess, overHttp, type Subject } from './subjects.ts'

const patient = 50_000
const hasty = 1_200

const street = 'Secret Street 7'
const address = { name: 'Ada', line1: street, city: 'Wien', postalCode: '1010', country: 'AT' }

const unknownOutcome = 'provider-unavailable, retry later'
const contradiction = 'provider-protocol, retry never'
const captured = { outcome: 'captured' }

for (const [name, open] of Object.entries({ 'in one process': inProcess, 'over HTTP': overHttp })) {
  describe(`the provider contract, ${name}`, function () {
    // Processes of their own start here, slowly on a busy machine.
    this.timeout(60_000)

    let subject: Subject
    let orders = 0

    const order = () => `order-${++orders}`
    const chargeOf = (orderId: string, token: string, amount = 500): Charge => ({
      key: `${orderId}:charge`,
      orderId,
      amount,
      token,
    })
    const charge = (orderId: string, token: string, amount = 500, patience = patient) =>
      subject.payment(patience).charge(chargeOf(orderId, token, amount))
    const refund = (orderId: string, amount = 500, key = 'refund') =>
      subject.payment(patient).refund({ key: `${orderId}:${key}`, orderId, amount })
    const schedule = (orderId: string, postalCode = '1010') =>
      subject.carrier(patient).schedule({
        key: `${orderId}:shipment`,
        orderId,
        shipTo: { ...address, postalCode },
      })
    /** The kinds and amounts that really moved for an order. */
    const moved = async (orderId: string) =>
      (await subject.charged(orderId)).map(({ kind, amount }) => `${kind} ${amount}`)

    before(async () => {
      subject = await open()
    })
    after(() => subject?.stop())

    const tokens = [
      { token: 'tok_approve', answer: captured, ledger: ['charge 500'] },
      { token: 'tok_flaky_0', answer: captured, ledger: ['charge 500'] },
      { token: 'tok_decline', answer: { outcome: 'declined', reason: 'card-declined' }, ledger: [] },
      { token: 'tok_flaky_', answer: { outcome: 'declined', reason: 'unknown-token' }, ledger: [] },
      { token: 'toString', answer: { outcome: 'declined', reason: 'unknown-token' }, ledger: [] },
    ]
    for (const { token, answer, ledger } of tokens) {
      it(`answers ${token} with ${Object.values(answer).join(', ')}, once and for all`, async () => {
        const id = order()
        expect(await subject.passing(charge(id, token))).to.deep.equal(answer)
        expect(await subject.passing(charge(id, token))).to.deep.equal(answer)
        expect(await moved(id)).to.deep.equal(ledger)
      })
    }

    it('keeps the first answer when the same key comes with another token', async () => {
      const id = order()
      await subject.passing(charge(id, 'tok_decline'))
      expect(await subject.passing(charge(id, 'tok_approve'))).to.include({ outcome: 'declined' })
      expect(await moved(id)).to.deep.equal([])
    })

    it('charges tok_timeout without ever answering the first call, and answers the repeat', async () => {
      const id = order()
      expect(await refusalOf(subject.passing(charge(id, 'tok_timeout', 500, hasty)))).to.equal(unknownOutcome)
      await waitUntil('the charge', async () => (await moved(id)).length > 0, { deadlineMs: 40_000 })
      expect(await subject.passing(charge(id, 'tok_timeout'))).to.deep.equal(captured)
      expect(await moved(id)).to.deep.equal(['charge 500'])
    })

    it('leaves only one of many concurrent tok_timeout calls without an answer', async () => {
      const id = order()
      const settled: string[] = []
      await subject.passing(
        new Promise<void>(resolve => {
          for (let n = 0; n < 5; n++) {
            charge(id, 'tok_timeout')
              .then(
                ({ outcome }) => settled.push(outcome),
                () => settled.push('no answer'),
              )
              .then(count => count === 4 && resolve())
          }
        }),
      )
      expect(settled).to.deep.equal(['captured', 'captured', 'captured', 'captured'])
      expect(await moved(id)).to.deep.equal(['charge 500'])
    })

    it('refuses the first n refunds of tok_norefund_<n> for good, and then gives the money back once', async () => {
      const id = order()
      expect(await subject.passing(charge(id, 'tok_norefund_2'))).to.deep.equal(captured)
      for (let times = 0; times < 2; times++)
        expect(await refusalOf(subject.passing(refund(id)))).to.equal(contradiction)
      for (let times = 0; times < 2; times++)
        expect(await subject.passing(refund(id))).to.deep.equal({ outcome: 'refunded' })
      expect(await moved(id)).to.deep.equal(['charge 500', 'refund 500'])
    })

    it('fails the first n calls of tok_flaky_<n>, counted per key, and then works', async () => {
      const [one, other] = [order(), order()]
      for (const id of [one, other, one, other]) {
        expect(await refusalOf(subject.passing(charge(id, 'tok_flaky_2')))).to.equal(unknownOutcome)
      }
      expect(await moved(one)).to.deep.equal([])
      expect(await subject.passing(charge(one, 'tok_flaky_2'))).to.deep.equal(captured)
      expect(await subject.passing(charge(other, 'tok_flaky_2'))).to.deep.equal(captured)
      expect(await moved(one)).to.deep.equal(['charge 500'])
    })

    it('charges tok_slow when its five seconds are over, also after its first caller gave up', async () => {
      const id = order()
      const asked = subject.now()
      expect(await refusalOf(subject.passing(charge(id, 'tok_slow', 500, hasty)))).to.equal(unknownOutcome)
      expect(await moved(id)).to.deep.equal([])
      expect(await subject.passing(charge(id, 'tok_slow'))).to.deep.equal(captured)
      expect(await moved(id)).to.deep.equal(['charge 500'])
      const [entry] = await subject.charged(id)
      expect((entry?.at ?? 0) - asked).to.be.at.least(5_000 - 2)
    })

    it('gives concurrent calls with one key one effect and the same answer', async () => {
      const id = order()
      const many = <T>(call: () => Promise<T>) =>
        subject.passing(Promise.all(Array.from({ length: 20 }, call)))
      const charges = await many(() => charge(id, 'tok_approve'))
      const refunds = await many(() => refund(id))
      const parcels = await many(() => schedule(id))
      expect(await moved(id)).to.deep.equal(['charge 500', 'refund 500'])
      expect(await subject.shipped(id)).to.have.length(1)
      for (const same of [charges, refunds, parcels]) {
        expect(new Set(same.map(answer => JSON.stringify(answer)))).to.have.property('size', 1)
      }
    })

    it('refuses a key that comes again with another amount, order or kind', async () => {
      const [id, other] = [order(), order()]
      await subject.passing(charge(id, 'tok_approve'))
      const key = `${id}:charge`
      const payment = subject.payment(patient)
      const otherCalls = [
        () => subject.passing(charge(id, 'tok_approve', 501)),
        () => subject.passing(payment.charge({ ...chargeOf(other, 'tok_approve'), key })),
        () => subject.passing(payment.refund({ key, orderId: id, amount: 500 })),
      ]
      for (const call of otherCalls) expect(await refusalOf(call())).to.equal(contradiction)
      await subject.passing(schedule(id))
      const parcel = { key: `${id}:shipment`, orderId: other, shipTo: address }
      const moving = subject.passing(subject.carrier(patient).schedule(parcel))
      expect(await refusalOf(moving)).to.equal(contradiction)
      expect([await moved(id), await moved(other)]).to.deep.equal([['charge 500'], []])
      expect(await subject.shipped(other)).to.deep.equal([])
    })

    it('refuses such a key also while its first call is still open', async () => {
      const id = order()
      const calls = [500, 700].map(amount => charge(id, 'tok_approve', amount))
      const outcomes = await subject.passing(Promise.allSettled(calls))
      expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected'])
      expect(await moved(id)).to.have.length(1)
    })

    it('refuses a refund before the charge without remembering it, and pays it back afterwards', async () => {
      const id = order()
      expect(await refusalOf(subject.passing(refund(id)))).to.equal(contradiction)
      await subject.passing(charge(id, 'tok_decline'))
      expect(await refusalOf(subject.passing(refund(id)))).to.equal(contradiction)
      await subject.passing(
        subject.payment(patient).charge({ ...chargeOf(id, 'tok_approve'), key: `${id}:2` }),
      )
      expect(await subject.passing(refund(id))).to.deep.equal({ outcome: 'refunded' })
      expect(await moved(id)).to.deep.equal(['charge 500', 'refund 500'])
    })

    it('never pays back more than was charged, also by concurrent partial refunds', async () => {
      const id = order()
      await subject.passing(charge(id, 'tok_approve'))
      expect(await refusalOf(subject.passing(refund(id, 501, 'too-much')))).to.equal(contradiction)
      const parts = ['a', 'b', 'c', 'd'].map(key => refund(id, 200, key))
      const outcomes = await subject.passing(Promise.allSettled(parts))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(2)
      expect(await subject.passing(refund(id, 100, 'rest'))).to.deep.equal({ outcome: 'refunded' })
      expect(await moved(id)).to.have.members(['charge 500', 'refund 200', 'refund 200', 'refund 100'])
    })

    for (const postalCode of ['XX0 0XX', ' xx0 0xx ']) {
      it(`refuses to ship to "${postalCode}", for good`, async () => {
        const id = order()
        const refused = { outcome: 'refused', reason: 'address-not-served' }
        expect(await subject.passing(schedule(id, postalCode))).to.deep.equal(refused)
        expect(await subject.passing(schedule(id, '1010'))).to.deep.equal(refused)
        expect(await subject.shipped(id)).to.deep.equal([])
      })
    }

    it('gives every parcel a tracking number of its own, derived from its key', async () => {
      const parcels = await subject.passing(
        Promise.all([order(), order()].map(async id => [id, await schedule(id)] as const)),
      )
      const numbers = parcels.map(([, answer]) => ('trackingNumber' in answer ? answer.trackingNumber : ''))
      expect(new Set(numbers)).to.have.property('size', 2)
      for (const number of numbers) expect(number).to.match(/^CH[0-9A-V]{13}$/)
      const known = { key: 'known:shipment', orderId: 'known', shipTo: address }
      const answer = await subject.passing(subject.carrier(patient).schedule(known))
      expect(answer).to.deep.equal({ outcome: 'scheduled', trackingNumber: 'CH1HPQOQAHIMQUS' })
    })

    it('keeps answers, ledger and what may still be refunded when it is killed', async () => {
      const [good, bad, back, far] = [order(), order(), order(), order()]
      const answers = async () => [
        await subject.passing(charge(good, 'tok_approve')),
        await subject.passing(charge(bad, 'tok_decline')),
        await subject.passing(charge(back, 'tok_approve')),
        await subject.passing(refund(back, 300)),
        await subject.passing(schedule(good)),
        await subject.passing(schedule(far, 'XX0 0XX')),
      ]
      const ledgers = async () => [
        ...(await Promise.all([good, bad, back, far].map(id => subject.charged(id)))),
        ...(await Promise.all([good, far].map(id => subject.shipped(id)))),
      ]
      const [answered, written] = [await answers(), await ledgers()]
      await subject.killAndRestart()
      expect(await ledgers()).to.deep.equal(written)
      expect(await answers()).to.deep.equal(answered)
      expect(await ledgers()).to.deep.equal(written)
      expect(await refusalOf(subject.passing(refund(back, 201, 'more')))).to.equal(contradiction)
      expect(await subject.passing(refund(back, 200, 'rest'))).to.deep.equal({ outcome: 'refunded' })
      expect(await refusalOf(subject.passing(charge(good, 'tok_approve', 1)))).to.equal(contradiction)
    })

    it('has charged tok_timeout when it is killed, and forgets a slow charge that was still open', async () => {
      const [hung, slow] = [order(), order()]
      const cut = [charge(hung, 'tok_timeout', 500, hasty), charge(slow, 'tok_slow', 500, hasty)].map(
        refusalOf,
      )
      expect(await subject.passing(Promise.all(cut))).to.deep.equal([unknownOutcome, unknownOutcome])
      await subject.killAndRestart()
      expect([await moved(hung), await moved(slow)]).to.deep.equal([['charge 500'], []])
      expect(await subject.passing(charge(hung, 'tok_timeout', 500))).to.deep.equal(captured)
    })
  })
}
