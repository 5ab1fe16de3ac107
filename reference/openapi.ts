import { openApiDocument } from '../services/order/api/openapi/document.ts'
import type { Page } from './page.ts'

/** The public API in OpenAPI 3.1, as the API itself serves it. */
export const openApiPage: Page = {
  file: 'docs/reference/openapi.json',
  text: () => `${JSON.stringify(openApiDocument(), undefined, 2)}\n`,
}
