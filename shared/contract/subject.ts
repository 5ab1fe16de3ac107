import { z } from 'zod'

/** What every instance of a saga is about: the trip of a traveller, the claim of somebody insured. */
export type Subject = ReturnType<typeof defineSubject>

/**
 * The subject of a saga, by its noun: a `trip` is named `tripId` in log lines and has its documents in
 * `trips`. Its ids are `<prefix>_` and 26 characters of `0-9a-v`: safe in a URL, a routing key, a field name
 * and a log line.
 * @throws RangeError when a name has other characters than small letters
 */
export const defineSubject = ({ noun, plural = `${noun}s`, prefix }: SubjectNames) => {
  for (const name of [noun, plural, prefix])
    if (!/^[a-z]{1,20}$/.test(name)) throw new RangeError(`${JSON.stringify(name)} names no subject`)
  const id = `${prefix}_[0-9a-v]{26}`
  const called = `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun} id`
  const Id = z
    .string()
    .regex(new RegExp(`^${id}$`), `${called}: ${prefix}_ and 26 characters of 0-9a-v`)
    .brand<'SubjectId'>()
  const EventId = z
    .string()
    .regex(new RegExp(`^${id}:[a-z]{1,20}:[1-9]\\d{0,5}$`), `an event id: <${noun} id>:<service>:<n>`)
    .brand<'EventId'>()
  return {
    ...{ noun, plural, Id, EventId },
    /** What its id is called where several ids stand side by side. */
    field: `${noun}Id`,
    /** The id of 26 base32hex characters that are random or a digest. */
    idOf: (characters: string) => Id.parse(`${prefix}_${characters}`),
  }
}

type SubjectNames = {
  readonly noun: string
  /** The noun and an `s` unless set. */
  readonly plural?: string
  readonly prefix: string
}
