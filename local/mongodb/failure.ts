/** Codes and names as MongoDB has them (src/mongo/base/error_codes.yml). */
const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  InvalidLength: 16,
  InvalidBSON: 22,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CannotIndexParallelArrays: 171,
  InvalidIndexSpecificationOption: 197,
  NotImplemented: 238,
  DuplicateKey: 11000,
  Location17419: 17419,
  IDLFailedToParse: 40414,
  IDLUnknownField: 40415,
} as const

/**
 * An error that goes to the client as MongoDB's own: `codeName`, its code, and facts such as `keyPattern`.
 */
export class MongoFailure extends Error {
  readonly code: number
  readonly codeName: keyof typeof codes
  readonly facts: object

  constructor(codeName: keyof typeof codes, message: string, facts: object = {}) {
    super(message)
    this.code = codes[codeName]
    this.codeName = codeName
    this.facts = facts
  }
}

/** @throws MongoFailure always */
export const refuse = (codeName: keyof typeof codes, message: string, facts?: object): never => {
  throw new MongoFailure(codeName, message, facts)
}

/** What the client gets: the failure itself, or InternalError for what this server did not expect. */
export const failureOf = (error: unknown): MongoFailure => {
  if (error instanceof MongoFailure) return error
  if (error instanceof RangeError) return new MongoFailure('InvalidBSON', `Malformed BSON: ${error.message}`)
  return new MongoFailure('InternalError', String(error))
}
