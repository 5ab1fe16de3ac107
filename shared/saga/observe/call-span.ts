import { inSpan } from '../../runtime/telemetry/trace.ts'
import type { CallContext, Perform, Service } from '../define/service.ts'

/**
 * A call on its way outside: what is asked, for which subject, and the `traceparent` of the work that asks.
 */
type TracedCall = {
  readonly call: unknown
  readonly outside: boolean
  readonly context: CallContext
  readonly parent: string | undefined
}

/**
 * Performs a call in a span of its own: CLIENT when somebody outside is asked, who knows the call by its key,
 * and INTERNAL when the service asks itself.
 */
export const tracedCall = (
  { saga, name, perform }: Pick<Service, 'saga' | 'name' | 'perform'>,
  { call, outside, context, parent }: TracedCall,
): ReturnType<Perform> =>
  inSpan(
    {
      name: `${name} ${kindOf(call)}`,
      kind: outside ? 'client' : 'internal',
      parent,
      attributes: () => ({
        [`choreo.${saga.subject.noun}`]: context.subject,
        'choreo.source': context.source,
      }),
    },
    () => perform(call, context),
  )

const kindOf = (call: unknown): string =>
  typeof call === 'object' && call !== null && 'kind' in call ? String(call.kind) : 'call'
