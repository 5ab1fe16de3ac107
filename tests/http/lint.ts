import type { RulesetDefinition } from '@stoplight/spectral-core'

/** What the linter of OpenAPI documents finds with its recommended rules: the rule, and where. It is loaded when it is asked: it is large. */
export const findingsIn = async (document: object): Promise<readonly string[]> => {
  const { Spectral } = (await import('@stoplight/spectral-core')).default
  const { oas } = (await import('@stoplight/spectral-rulesets')).default
  const linter = new Spectral()
  linter.setRuleset({ extends: [[oas as unknown as RulesetDefinition, 'recommended']] }) // its own type lacks a word
  const found = await linter.run(structuredClone(document) as Record<string, unknown>)
  return found.map(({ code, path }) => [code, ...path].join(' '))
}
