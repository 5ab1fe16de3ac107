import { z } from 'zod'
import { Address } from '../../services/contract/fields.ts'
import { CarrierAnswer } from '../../services/shipping/carrier.ts'
import { text } from '../../shared/contract/text.ts'
import { runProgram } from './serve.ts'
import { simulatedCarrier } from './simulated-carrier.ts'

const Shipment = z.strictObject({ key: text(200), orderId: text(200), shipTo: Address })

await runProgram({
  name: 'carrier',
  answer: CarrierAnswer,
  simulate: parts => {
    const carrier = simulatedCarrier(parts)
    return {
      posts: { '/shipments': async body => carrier.schedule(Shipment.parse(body)) },
      entries: carrier.entries,
    }
  },
})
