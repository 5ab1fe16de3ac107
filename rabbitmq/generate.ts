import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../local/project.ts'
import { renderDefinitions } from '../shared/messaging/definitions.ts'
import { topologyOf } from '../shared/messaging/topology.ts'
import { participants } from './participants.ts'

// Writes rabbitmq/definitions.json, without secrets: passwords are filled in where the broker is started.
const definitions = renderDefinitions(topologyOf(participants))
writeFileSync(
  join(projectFolder, 'rabbitmq', 'definitions.json'),
  `${JSON.stringify(definitions, undefined, 2)}\n`,
)
