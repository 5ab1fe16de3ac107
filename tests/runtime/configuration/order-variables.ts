import { expect } from 'chai'
import { configuration as orderConfig } from '../../../services/order/configuration.ts'
import { loadConfig } from '../../../shared/runtime/configuration/config.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'

/** The servers of a program, which is all that it has to be told. */
export const servers = {
  AMQP_URL: 'amqp://order:pass@127.0.0.1:5672/choreo',
  MONGODB_URL: 'mongodb://one:27017,two:27017/?replicaSet=rs0',
  REDIS_URL: 'redis://127.0.0.1:6379',
}

/** The configuration of the order service with these variables besides. */
export const order = (env: Record<string, string | undefined>) =>
  loadConfig(orderConfig, { ...servers, ...env }).config

/** What is said of a configuration that is refused. */
export const faultOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    expect(error).to.be.instanceOf(SagaError).and.include({ code: 'config-invalid', retry: 'never' })
    return String(error)
  }
  throw new Error('the configuration was accepted')
}

/** What is said of these variables of the order service. */
export const refused = (env: Record<string, string | undefined>) => faultOf(() => order(env))
