import type { Clock } from '../../shared/runtime/time/clock.ts'
import type { Perform } from '../../shared/saga/define/service.ts'
import type { StockCall } from './domain.ts'
import { consume, hold, release } from './stock/holds.ts'
import type { LotWriter } from './stock/lot-writer.ts'

/**
 * Carries out what the domain asks of the stock, fenced by the token of the order's document; `spare` as
 * `hold` has it.
 */
export const askStock =
  (lotWriter: LotWriter, clock: Clock, spare?: number): Perform =>
  async (request, { subject: orderId, token }) => {
    const call = request as StockCall
    switch (call.kind) {
      case 'hold': {
        const answer = await hold(
          lotWriter,
          { orderId, lines: call.reserve.lines, token, at: clock.now() },
          spare,
        )
        return answer.outcome === 'stale' ? 'stale' : { answer }
      }
      case 'release':
        await release(lotWriter, { orderId, lines: call.lines, token })
        return { answer: { outcome: 'released' } }
      case 'consume':
        await consume(lotWriter, { orderId, lines: call.lines, token })
        return { answer: { outcome: 'consumed' } }
    }
  }
