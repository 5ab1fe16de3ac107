import type { AmqpAddress } from '../../runtime/configuration/server-urls.ts'
import { hasCode, SagaError } from '../../runtime/errors.ts'

/** Why a broker closed a connection: the code of AMQP, and its own words. */
export type AmqpRefusal = { readonly code: number; readonly text: string }

/** A refusal of the broker in plain words. A limit may be free again later; the rest somebody has to change. */
export const refusalOf = (reason: AmqpRefusal, who: Pick<AmqpAddress, 'user' | 'vhost'>): SagaError => {
  const { detail, retry } = whatIsWrong(reason, who)
  return new SagaError('broker-refused', detail, { retry })
}

type Wrong = { readonly detail: string; readonly retry: 'later' | 'never' }

const whatIsWrong = ({ code, text }: AmqpRefusal, who: Pick<AmqpAddress, 'user' | 'vhost'>): Wrong => {
  const [user, vhost] = [JSON.stringify(who.user), JSON.stringify(who.vhost)]
  if (code === 403)
    return { detail: `user ${user} or its password is wrong, or it may not log in from here`, retry: 'never' }
  if (/node connection limit/.test(text))
    return { detail: 'the node has reached its limit of connections', retry: 'later' }
  if (/user connection limit/.test(text))
    return { detail: `user ${user} has reached its limit of connections`, retry: 'later' }
  if (/connection limit/.test(text))
    return { detail: `vhost ${vhost} has reached its limit of connections`, retry: 'later' }
  if (/vhost .* not found/.test(text)) return { detail: `there is no vhost ${vhost}`, retry: 'never' }
  if (/access to vhost .* refused/.test(text) && code === 530)
    return { detail: `user ${user} has no rights in vhost ${vhost}`, retry: 'never' }
  return { detail: `vhost ${vhost} cannot be entered now (${code} ${text})`, retry: 'later' }
}

/** The same refusal as what somebody by this name met; undefined for any other error. */
export const refusalFor = (name: string, cause: unknown): SagaError | undefined => {
  if (!(cause instanceof SagaError) || !hasCode(cause, 'broker-refused')) return undefined
  return new SagaError('broker-refused', `${name} cannot connect: ${cause.detail}`, {
    retry: cause.retry,
    cause,
  })
}
