import { openApiDocument } from '../services/order/http/api/document.ts'
import type { Page } from './page.ts'

/** The public door in OpenAPI 3.1, as the door itself serves it. */
export const openApiPage: Page = {
  file: 'docs/reference/openapi.json',
  text: () => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`,
}
