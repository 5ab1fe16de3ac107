import { shopTopology } from '../rabbitmq/participants.ts'
import { renderDefinitions } from '../shared/messaging/topology/definitions.ts'
import type { Page } from './page.ts'

/**
 * The topology as definitions for RabbitMQ, without secrets: passwords are filled in where the broker is
 * started.
 */
export const definitionsPage: Page = {
  file: 'rabbitmq/definitions.json',
  text: () => `${JSON.stringify(renderDefinitions(shopTopology()), undefined, 2)}\n`,
}
