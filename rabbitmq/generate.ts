import { writeFileSync } from 'node:fs'
import { renderDefinitions } from '../shared/messaging/definitions.ts'
import { topologyOf } from '../shared/messaging/topology.ts'
import { participants } from './participants.ts'

// Writes rabbitmq/definitions.json, without secrets: passwords are filled in where the broker is started.
const target = new URL('../../rabbitmq/definitions.json', import.meta.url) // from dist/rabbitmq, where this runs
const definitions = renderDefinitions(topologyOf(participants))
writeFileSync(target, `${JSON.stringify(definitions, undefined, 2)}\n`)
