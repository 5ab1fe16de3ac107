import { type Page, withPart } from '../page.ts'
import { type DescribedService, describedServices } from './described-services.ts'
import { hearing, saying } from './events.ts'
import { promising } from './invariants.ts'
import { calling, privatePortOf, publicApi, settings } from './ports.ts'
import { rights } from './rights.ts'
import { storing } from './stores.ts'

/**
 * The page of each service. What it is for and what is in its files is written by hand; all between is made
 * from the code.
 */
export const servicePages: readonly Page[] = describedServices.map(one => ({
  file: `services/${one.name}/README.md`,
  text: written => withPart(written, descriptionOf(one)),
}))

const descriptionOf = (one: DescribedService): string =>
  [
    ['Hears', hearing(one)],
    ['Says', saying(one)],
    ['Calls', calling(one)],
    ['Stores', storing(one)],
    ['Promises', promising(one)],
    ['Public API', publicApi(one)],
    ['Private port', privatePortOf(one)],
    ['On the broker', rights(one)],
    ['Configuration and metrics', settings(one)],
  ]
    .filter(([, text]) => text !== undefined)
    .map(([title, text]) => `## ${title}\n\n${text}`)
    .join('\n\n')
