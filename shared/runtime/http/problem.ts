/** A field that was refused: where it is and what belongs there, never what was sent. */
export type FieldError = { readonly field: string; readonly expected: string }

/** An error answer (RFC 9457). `code` is for programs, `detail` and `help` for people. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly help?: string
  readonly instance?: string
  readonly errors?: readonly FieldError[]
}

/** The media type of every error answer. */
export const problemType = 'application/problem+json'

/** The problem, with a `type` that names its code. */
export const problem = (
  status: number,
  code: string,
  about: Omit<Problem, 'type' | 'status' | 'code'>,
): Problem => ({
  type: `urn:choreo:problem:${code}`,
  status,
  code,
  ...about,
})
