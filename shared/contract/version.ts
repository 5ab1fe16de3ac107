/**
 * The version of the published documents: the HTTP interface and the events. A test holds it against
 * package.json.
 */
export const contractVersion = '0.1.0'

/** Who answers for the published documents, as LICENSE names them. */
export const contact = { name: 'The Choreo contributors' } as const
