import { asyncApiPage } from './asyncapi.ts'
import { commandsPage } from './commands.ts'
import { configurationPage } from './configuration.ts'
import { definitionsPage } from './definitions.ts'
import { errorsPage } from './errors.ts'
import { eventsPage } from './events.ts'
import { flowPage } from './flow.ts'
import { logsPage } from './logs.ts'
import { metricsPage } from './metrics.ts'
import { openApiPage } from './openapi.ts'
import type { Page } from './page.ts'
import { servicePages } from './services/page.ts'

/** Every file that is made from the code, but for the published schemas, which are never made again. */
export const pages: readonly Page[] = [
  errorsPage,
  logsPage,
  configurationPage,
  commandsPage,
  eventsPage,
  flowPage,
  metricsPage,
  openApiPage,
  asyncApiPage,
  definitionsPage,
  ...servicePages,
]
