import { expect } from 'chai'
import { filesBelow, read } from './page.ts'

/** What any saga is built on. */
const folders = ['contract', 'saga', 'messaging', 'storage', 'hosting', 'operations']

const words =
  /(?<![a-z])(orders?|ord|payments?|inventory|shipping|shipments?|tracking|customers?|sku|stock|shop)(?![a-z])|(orderId|OrderId|Order[A-Z])/i
/** The word for a sequence, which is no order of a shop. */
const sequences = [
  ...['in order', 'in this order', 'in no order', 'in the order', 'the order of', 'keep the order'],
  ...['order them', 'their order', 'whatever order', 'ordered: false'],
]

/** The lines of a text that speak of the shop, with their numbers. */
const shopIn = (text: string): string[] =>
  text.split('\n').flatMap((line, i) => {
    const bare = sequences.reduce((rest, phrase) => rest.replaceAll(new RegExp(phrase, 'gi'), ''), line)
    return words.test(bare) ? [`${i + 1}: ${line.trim()}`] : []
  })

describe('the kernel', () => {
  const files = folders.flatMap(folder => filesBelow(`shared/${folder}`, '.ts'))

  it('imports nothing of a saga that is built on it', () => {
    const outwards = files.filter(file =>
      /'[./]+\/(services|examples|rabbitmq|choreography)\//.test(read(file)),
    )
    expect(outwards).to.deep.equal([])
  })

  it('has no word of the shop', () => {
    expect(files.flatMap(file => shopIn(read(file)).map(line => `${file}:${line}`))).to.deep.equal([])
  })

  it('would not be free of it with an order, and is with a sequence', () => {
    for (const line of ['load(orderId: string)', 'type OrderDocument = {', '// the order is paid', 'ord_'])
      expect(shopIn(line), line).to.have.length(1)
    for (const line of ['// acknowledged in order', '{ ordered: false }', 'keyword', 'recorded', 'border'])
      expect(shopIn(line), line).to.have.length(0)
  })
})
