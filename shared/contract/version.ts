/** The version of the published documents: the HTTP interface and the events. A test holds it against package.json. */
export const contractVersion = '0.1.0'
