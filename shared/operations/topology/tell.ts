import type { Log } from '../../runtime/telemetry/log.ts'

type Finding = { readonly message: string; readonly kind: string; readonly name: string }

/** Says each finding when it is new, not at every look; returns what is told by now. */
export const tell = (
  say: Log['warn'],
  told: ReadonlySet<string>,
  findings: readonly Finding[],
): ReadonlySet<string> => {
  const keys = findings.map(finding => JSON.stringify(finding))
  for (const [i, { message, ...about }] of findings.entries())
    if (!told.has(keys[i] ?? '')) say(message, about)
  return new Set(keys)
}
