import { refusals } from '../services/order/api/refusals.ts'
import { helpByCode } from '../shared/runtime/errors.ts'
import { type Page, pageOf, table } from './page.ts'

/** Every error code, and every way in which the HTTP API says no. */
export const errorsPage: Page = {
  file: 'docs/reference/errors.md',
  text: () =>
    pageOf('Error codes', 'What went wrong, and what to do next.', [
      '## Codes\n\nIn logs, in `x-reason` of parked messages, and in what commands print. Anything else that stands there is the name of an error that nobody raised on purpose, such as `TypeError`, or the code of a driver: [what is known of it](../operations.md#an-error-that-nobody-raised-on-purpose).',
      table(
        ['code', 'what to do'],
        Object.entries(helpByCode).map(([code, help]) => [`\`${code}\``, help]),
      ),
      '## HTTP\n\nProblem documents (RFC 9457): `type` ends with the code.',
      table(
        ['code', 'status', 'title', 'what to do'],
        Object.entries(refusals).map(([code, [status, title, help]]) => [
          `\`${code}\``,
          String(status),
          title,
          help,
        ]),
      ),
    ]),
}
