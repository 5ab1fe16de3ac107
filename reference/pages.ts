import { asyncApiPage } from './asyncapi.ts'
import { commandsPage } from './commands.ts'
import { configurationPage } from './configuration.ts'
import { errorsPage } from './errors.ts'
import { eventsPage } from './events.ts'
import { flowPage } from './flow.ts'
import { metricsPage } from './metrics.ts'
import { openApiPage } from './openapi.ts'
import type { Page } from './page.ts'

/** Every page of docs/reference that is made from the code. */
export const pages: readonly Page[] = [
  errorsPage,
  configurationPage,
  commandsPage,
  eventsPage,
  flowPage,
  metricsPage,
  openApiPage,
  asyncApiPage,
]
