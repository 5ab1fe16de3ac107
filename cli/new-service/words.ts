/**
 * What the files of a new service are made with: names in both spellings, and how its folder reaches the
 * project.
 */
export type ServiceNames = {
  /** `shelf` and `Shelf`. */
  readonly name: string
  readonly Name: string
  /** What its saga is about: `loan` and `Loan`. */
  readonly noun: string
  readonly Noun: string
  /** From the folder of the service to that of the project: `../../..`. */
  readonly up: string
}

/** A file of the new service, by its path below the folder of the saga. */
export type ServiceFiles = Readonly<Record<string, string>>

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Names in the order in which an import has them. */
export const sorted = (...names: readonly string[]): string =>
  names.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))).join(', ')

/** Lines of imports from files beside each other, in the order of the files. */
export const importsOf = (names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, what]) => `import ${what} from '${file}'`)
    .join('\n')

const keyOf = (name: string): string => name.replace(/^type /, '').toLowerCase()
