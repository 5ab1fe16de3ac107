import type { Log } from '../../runtime/telemetry/log.ts'

type Finding = { readonly message: string; readonly kind: string; readonly name: string }

/** Logs each finding when it is new, not at every look; returns what is reported by now. */
export const reportNew = (
  log: Log['warn'],
  reported: ReadonlySet<string>,
  findings: readonly Finding[],
): ReadonlySet<string> => {
  const keys = findings.map(finding => JSON.stringify(finding))
  for (const [i, { message, ...about }] of findings.entries())
    if (!reported.has(keys[i] ?? '')) log(message, about)
  return new Set(keys)
}
