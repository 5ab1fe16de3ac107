import { asyncApiDocument } from './asyncapi/document.ts'
import type { Page } from './page.ts'

/** Every message of the saga in AsyncAPI 3. */
export const asyncApiPage: Page = {
  file: 'docs/reference/asyncapi.json',
  text: () => `${JSON.stringify(asyncApiDocument(), undefined, 2)}\n`,
}
