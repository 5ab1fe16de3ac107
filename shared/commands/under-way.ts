import { isDeepStrictEqual } from 'node:util'
import type { CommandDefinition } from './define.ts'
import type { Actor } from './handler.ts'

type UnderWay = { readonly asked: unknown; readonly answer: Promise<unknown> }

/**
 * The commands under way in this process: one that is sent again before it is answered waits for that answer.
 * One that says something else under the same id goes on by itself, for what is on record decides.
 */
export const commandsUnderWay = () => {
  const byId = new Map<string, UnderWay>()
  return (
    { name, repeat }: CommandDefinition,
    asked: unknown,
    { actor, id }: { readonly actor: Actor; readonly id?: string | undefined },
    handle: () => Promise<unknown>,
  ): Promise<unknown> => {
    if (id === undefined || repeat === 'harmless') return handle()
    const key = JSON.stringify([name, actor.name, id])
    const first = byId.get(key)
    if (first) return isDeepStrictEqual(first.asked, asked) ? first.answer : handle()
    const answer = handle().finally(() => byId.delete(key))
    byId.set(key, { asked, answer })
    return answer
  }
}
