import { createHash, timingSafeEqual } from 'node:crypto'
import type { Actor } from '../../../shared/commands/handler.ts'
import type { KeyHolder } from '../../../shared/runtime/configuration/variable.ts'

/** Who asks. An operator sees every order, a caller its own ones. */
export type Caller = Actor

/** The keys of callers and operators, hashed. */
export type Keys = { readonly callers: readonly KeyHolder[]; readonly operators: readonly KeyHolder[] }

/** True when nobody has a key: then everybody on this machine is trusted, and nobody else is let in. */
export const isKeyless = ({ callers, operators }: Keys): boolean => callers.length + operators.length === 0

const local: Caller = { name: 'local', operator: true }

/**
 * Who asks for what needs no key. No key can have this name, and all of them together have the places of one
 * caller.
 */
export const anybody: Caller = { name: '(anybody)', operator: false }

/** Finds out who asks from an Authorization header. */
export const authentication = (keys: Keys) => {
  const known = [
    ...keys.callers.map(holder => ({ ...entry(holder), operator: false })),
    ...keys.operators.map(holder => ({ ...entry(holder), operator: true })),
  ]
  return (authorization: string | undefined): Caller | 'key-missing' | 'key-unknown' => {
    if (known.length === 0) return local
    const key = /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
    if (key === undefined) return 'key-missing'
    const digest = createHash('sha256').update(key).digest()
    // Looks at every key, always: the time it takes shows nothing about which one came close.
    const found = known.filter(({ hash }) => timingSafeEqual(hash, digest))[0]
    return found ? { name: found.name, operator: found.operator } : 'key-unknown'
  }
}

const entry = ({ name, sha256 }: KeyHolder) => ({ name, hash: Buffer.from(sha256, 'hex') })
