import { checkCompensations } from '../choreography/compensations.ts'
import { asMermaid, asText } from '../choreography/draw.ts'
import { shopFlow } from '../choreography/shop.ts'
import { type Page, pageOf } from './page.ts'

/** The choreography as it is declared, and why every failure of it is undone. */
export const flowPage: Page = {
  file: 'docs/reference/flow.md',
  text: () =>
    pageOf('The flow', 'Who hears what and says what, from the reaction tables.', [
      `\`\`\`mermaid\n${asMermaid(shopFlow)}\n\`\`\``,
      `## In words\n\n\`\`\`\n${asText(shopFlow)}\n\`\`\``,
      '## Why every failure is undone\n\nChecked without running anything: each effect that may be done when a failure comes has somebody who hears of it and undoes it, and whoever ends the saga hears of that.',
      ...checkCompensations(shopFlow).map(
        ({ failure, reasoning }) => `**${failure}**\n\n${reasoning.map(line => `- ${line}`).join('\n')}`,
      ),
    ]),
}
