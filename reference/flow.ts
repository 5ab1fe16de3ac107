import { ruleSentences } from '../choreography/check.ts'
import { describeForward, describeWayBack } from '../choreography/describe.ts'
import { asMermaid } from '../choreography/draw.ts'
import { shopFlow } from '../choreography/shop.ts'
import { waysBack } from '../choreography/way-back.ts'
import { type Page, pageOf } from './page.ts'

/** The choreography as it is declared, and why every failure of it is undone. */
export const flowPage: Page = {
  file: 'docs/reference/flow.md',
  text: () => {
    const told = [describeForward(shopFlow), ...waysBack(shopFlow).map(way => describeWayBack(shopFlow, way))]
    return pageOf(
      'The flow',
      'Who hears what and says what, from the reaction tables; `npx --no -- choreo flow` prints it.',
      [
        `\`\`\`mermaid\n${asMermaid(shopFlow)}\n\`\`\``,
        ...told.map(({ title, lines }) => `## ${title}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``),
        `## What is checked\n\nWithout running anything, by \`npx --no -- choreo flow --check\` and by the tests:\n\n${rules}`,
      ],
    )
  },
}

const rules = Object.entries(ruleSentences)
  .map(([rule, sentence]) => `- **${rule}**: ${sentence}`)
  .join('\n')
