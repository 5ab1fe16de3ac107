import type { RulesetDefinition, Spectral } from '@stoplight/spectral-core'

let opened: Promise<Spectral> | undefined

// Loaded when it is first asked: it is large.
const open = async (): Promise<Spectral> => {
  const { Spectral } = (await import('@stoplight/spectral-core')).default
  const { oas } = (await import('@stoplight/spectral-rulesets')).default
  const linter = new Spectral()
  linter.setRuleset({ extends: [[oas as unknown as RulesetDefinition, 'recommended']] }) // its own type lacks a word
  return linter
}

/** What the linter of OpenAPI documents finds with its recommended rules: the rule, and where. */
export const findingsIn = async (document: object): Promise<readonly string[]> => {
  opened ??= open()
  const found = await (await opened).run(structuredClone(document) as Record<string, unknown>)
  return found.map(({ code, path }) => [code, ...path].join(' '))
}
