import { expect } from 'chai'
import { anOrder } from '../../../harness/an-order.ts'
import { Sku } from '../../../services/contract/ids.ts'
import { shop } from '../../../services/contract/shop.ts'
import { restock } from '../../../services/inventory/stock/restock.ts'
import { seed } from '../../../services/inventory/stock/supply.ts'
import { stockOf } from '../../../services/inventory/stock/totals.ts'
import {
  type OrderCommands,
  orderCommands,
  PlaceOrder,
  RestockSku,
} from '../../../services/order/commands.ts'
import type { Order } from '../../../services/order/domain.ts'
import type { OperatorPort } from '../../../services/order/operator-use-cases.ts'
import type { OrderPort } from '../../../services/order/order-port.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { memoryStore } from '../../../shared/storage/memory/store.ts'
import { ensureDocumentIndexes, mongoStore } from '../../../shared/storage/mongo/store.ts'
import { freshCollection, needsMongo, supplyAdapters } from '../../storage/adapters.ts'
import { countIn, ordersOn } from './orders-on.ts'

const sku = Sku.parse('SKU-0')
const nobody = undefined as never

/** A command that is done once for an id, on one store. */
type OnceCommand = {
  /** An instance of the order service. */
  instance(): OrderCommands
  /** Sends it with content 1 or 2. */
  send(bus: OrderCommands, content: number, id: string, actor?: string): Promise<unknown>
  /** How often it was done. */
  done(): Promise<number>
}
type Case = { title: string; prepare(): void; open(): Promise<OnceCommand> }

const from = (name: string, id: string) => ({ actor: { name, operator: true }, id })

const placing = (store: Store<Order>): OnceCommand => ({
  instance: () => orderCommands({ orders: ordersOn(store), operator: nobody, random: systemRandom }),
  send: (bus, content, id, actor = 'ada') =>
    bus.send(PlaceOrder, { content: { ...anOrder(), customerId: `c-${content}` } }, from(actor, id)),
  done: () => countIn(store),
})

const cases: Case[] = [
  {
    title: 'placing an order, memory',
    prepare: () => {},
    open: async () => placing(memoryStore<Order>()),
  },
  {
    title: 'placing an order, mongodb',
    prepare: needsMongo,
    open: async () => {
      const collection = freshCollection()
      await ensureDocumentIndexes(collection)
      return placing(mongoStore<Order>(shop, collection))
    },
  },
  ...supplyAdapters.map(
    ({ name, prepare, fresh }): Case => ({
      ...{ title: `a restock, ${name}`, prepare },
      open: async () => {
        const supply = await fresh()
        await seed(supply.stock, { sku, units: 1 })
        const totals = () => stockOf(supply.stock, sku)
        const operator: OperatorPort = {
          erase: nobody,
          resolve: nobody,
          restock: async (of, wish) => {
            const outcome = await restock(supply, { ...wish, sku: of, at: 1 })
            return outcome === 'added'
              ? { outcome, stock: { sku: of, ...(await totals()) } as never }
              : { outcome }
          },
        }
        const orders = nobody as OrderPort
        return {
          instance: () => orderCommands({ orders, operator, random: systemRandom }),
          send: (bus, content, id, actor = 'ada') =>
            bus.send(RestockSku, { subject: sku, content: { units: 100 * content } }, from(actor, id)),
          done: async () => ((await totals())?.restocked ?? 0) / 100,
        }
      },
    }),
  ),
]

for (const { title, prepare, open } of cases)
  describe(`a command that is done once for an id: ${title}`, () => {
    prepare()

    it('is done once for any number of concurrent senders at two instances, who get one answer', async () => {
      const { instance, send, done } = await open()
      const [one, other] = [instance(), instance()]
      const sent = Array.from({ length: 10 }, (_, n) => send(n % 2 === 0 ? one : other, 1, 'k-1'))
      const answers = await Promise.all(sent)
      for (const answer of answers) expect(answer).to.deep.equal(answers[0])
      expect(answers[0]).to.have.property('kind', 'answered')
      expect(await done()).to.equal(1)
    })

    it('gives the answer on record to who sends it later, at an instance that was started since', async () => {
      const { instance, send, done } = await open()
      const first = await send(instance(), 1, 'k-1')
      expect(await send(instance(), 1, 'k-1')).to.deep.equal(first)
      expect(await done()).to.equal(1)
    })

    it('is refused with another content under its id', async () => {
      const { instance, send, done } = await open()
      await send(instance(), 1, 'k-1')
      expect(await send(instance(), 2, 'k-1')).to.deep.equal({ kind: 'id-reused' })
      expect(await done()).to.equal(1)
    })

    it('is done as one of two says it, when they come at once with different contents', async () => {
      const { instance, send } = await open()
      const bus = instance()
      const sent = [send(bus, 1, 'k-1'), send(bus, 2, 'k-1'), send(instance(), 1, 'k-1')]
      const kinds = (await Promise.all(sent)).map(outcome => (outcome as { kind: string }).kind)
      expect(kinds[0]).to.equal(kinds[2])
      expect([...kinds.slice(0, 2)].sort()).to.deep.equal(['answered', 'id-reused'])
    })

    it('is another one for another sender', async () => {
      const { instance, send, done } = await open()
      const bus = instance()
      await Promise.all([send(bus, 1, 'k-1', 'ada'), send(bus, 1, 'k-1', 'bob')])
      expect(await done()).to.equal(2)
    })
  })
