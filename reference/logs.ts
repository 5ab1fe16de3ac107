import { shop } from '../services/contract/shop.ts'
import { logNames } from '../shared/runtime/telemetry/log-names.ts'
import { type Page, pageOf, table } from './page.ts'

const { field, noun } = shop.subject

/** Every name that a log line may have. */
export const logsPage: Page = {
  file: 'docs/reference/logs.md',
  text: () =>
    pageOf(
      'Log lines',
      'Every program writes one JSON object a line to its standard output: `time`, `level` (`error`, `warn`, `info`, `debug`), `service` and `message` come first, then what of these belongs to it. A thing has the same name in every line.',
      [
        `Lines about an event have its \`${field}\`, \`eventId\`, \`eventType\` and \`traceId\`. At level \`error\` is what somebody has to look at. No line has a token, an address or a password: see [ADR 32](../adr/0032-what-an-error-says-is-shown-without-values.md). [\`choreo logs\`](commands.md) shows them by time.`,
        table(
          ['name', 'what it is'],
          [
            [`\`${field}\``, `the ${noun}`],
            ...Object.entries(logNames).map(([name, what]) => [`\`${name}\``, what]),
          ],
        ),
      ],
    ),
}
