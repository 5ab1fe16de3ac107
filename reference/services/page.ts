import { type Page, withPart } from '../page.ts'
import { calling, privateDoor, publicDoor, settings } from './doors.ts'
import { type Portrayed, portrayed } from './portrayed.ts'
import { promising } from './promises.ts'
import { rights } from './rights.ts'
import { hearing, saying } from './speech.ts'
import { storing } from './stores.ts'

/** The page of each service. What it is for and what is in its files is written by hand; all between is made from the code. */
export const servicePages: readonly Page[] = portrayed.map(one => ({
  file: `services/${one.name}/README.md`,
  text: written => withPart(written, canvasOf(one)),
}))

const canvasOf = (one: Portrayed): string =>
  [
    ['Hears', hearing(one)],
    ['Says', saying(one)],
    ['Calls', calling(one)],
    ['Stores', storing(one)],
    ['Promises', promising(one)],
    ['Public door', publicDoor(one)],
    ['Private port', privateDoor(one)],
    ['On the broker', rights(one)],
    ['Configuration and figures', settings(one)],
  ]
    .filter(([, text]) => text !== undefined)
    .map(([title, text]) => `## ${title}\n\n${text}`)
    .join('\n\n')
