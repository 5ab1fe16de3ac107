import { SagaError } from '../runtime/errors.ts'
import type { FieldError } from '../runtime/http/problem.ts'
import type { AnswerOf, ContentOf, QueryDefinition as Definition } from './define.ts'
import { parseFields } from './fields.ts'

/** Who sends or asks. */
export type Actor = { readonly name: string; readonly operator: boolean }

/** A command or a query as it comes in: nothing of it is checked. */
export type RawContent = { readonly subject?: unknown; readonly content?: unknown }

/** What becomes of a command or a query. */
export type Reply<A> =
  | { readonly kind: 'answered'; readonly answer: A }
  /** What it says is not what its schema asks for. */
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  /** What it is about cannot be: its id is none. */
  | { readonly kind: 'subject-invalid' }

/** The functions that do what these definitions say, one for each, by name. */
export type HandlersOf<D extends Definition, About, Besides = never> = {
  readonly [N in D['name']]: Handler<Extract<D, { readonly name: N }>, About, Besides>
}

/** Does what one definition says; of what has a record, `Besides` is an answer too. */
type Handler<D extends Definition, About, Besides> = (
  asked: ContentOf<D>,
  about: About,
) => Promise<AnswerOf<D> | (D extends { readonly repeat: 'same-answer' } ? Besides : never)>

/** Any handler, when which one it is does not matter. */
export type AnyHandler<About> = (
  asked: { readonly subject: unknown; readonly content: unknown },
  about: About,
) => Promise<unknown>

/**
 * The handlers by name, exactly one for each definition.
 * @throws SagaError `handlers-invalid` for a second definition of a name, a handler that is missing, and one
 * that belongs to nothing
 */
export const handlersByName = <About>(
  definitions: readonly Definition[],
  handlers: object,
): ReadonlyMap<string, AnyHandler<About>> => {
  const byName = new Map(Object.entries(handlers) as [string, AnyHandler<About>][])
  const names = new Set<string>()
  for (const { name } of definitions) {
    if (names.has(name)) throw new SagaError('handlers-invalid', `${name} is defined twice`)
    if (!byName.has(name)) throw new SagaError('handlers-invalid', `${name} has no handler`)
    names.add(name)
  }
  for (const name of byName.keys())
    if (!names.has(name)) throw new SagaError('handlers-invalid', `the handler ${name} belongs to nothing`)
  return byName
}

/** What it says and is about, parsed, or why it cannot be handled. Pure. */
export const parsedBy = (
  { schema, subject }: Definition,
  raw: RawContent,
): { readonly subject: unknown; readonly content: unknown } | Exclude<Reply<never>, { kind: 'answered' }> => {
  const fields = schema ? parseFields(schema, raw.content) : { value: undefined }
  if ('errors' in fields) return { kind: 'invalid', errors: fields.errors }
  const about = subject?.safeParse(raw.subject)
  return about?.success === false
    ? { kind: 'subject-invalid' }
    : { subject: about?.data, content: fields.value }
}
