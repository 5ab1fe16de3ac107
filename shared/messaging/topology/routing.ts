import type { Topology } from './topology.ts'

/**
 * The queues that take a message, each once, as RabbitMQ routes it: through exchanges bound to exchanges, and
 * to the alternate exchange of one that has no binding for the key. Undefined when there is no such exchange.
 */
export const routeOf = (
  topology: Topology,
  exchange: string,
  key: string,
): ReadonlySet<string> | undefined => {
  if (exchange === '') return new Set(topology.queues.map(({ name }) => name).filter(name => name === key))
  if (!topology.exchanges.some(({ name }) => name === exchange)) return undefined
  const queues = new Set<string>()
  spread(topology, exchange, key, { queues, seen: new Set() })
  return queues
}

type Reached = { readonly queues: Set<string>; readonly seen: Set<string> }

const spread = (topology: Topology, name: string, key: string, reached: Reached): void => {
  const exchange = topology.exchanges.find(one => one.name === name)
  if (!exchange || reached.seen.has(name)) return
  reached.seen.add(name)
  const taken = topology.bindings.filter(
    binding => binding.source === name && (exchange.type === 'fanout' || topicMatches(binding.key, key)),
  )
  for (const { to, destination } of taken)
    if (to === 'queue') reached.queues.add(destination)
    else spread(topology, destination, key, reached)
  const alternate = exchange.arguments['alternate-exchange']
  if (taken.length === 0 && typeof alternate === 'string') spread(topology, alternate, key, reached)
}

/** AMQP topic patterns: words divided by dots, `*` is any one word, `#` any number of words. */
export const topicMatches = (pattern: string, key: string): boolean =>
  wordsMatch(pattern.split('.'), key.split('.'))

const wordsMatch = ([first, ...patterns]: string[], words: string[]): boolean => {
  if (first === undefined) return words.length === 0
  if (first === '#')
    return wordsMatch(patterns, words) || (words.length > 0 && wordsMatch(['#', ...patterns], words.slice(1)))
  const [word, ...rest] = words
  return word !== undefined && (first === '*' || first === word) && wordsMatch(patterns, rest)
}

/**
 * Whether the topology lets this user publish with this key; a user that it does not name may do everything.
 */
export const mayWrite = (topology: Topology, user: string, exchange: string, key: string): boolean => {
  const found = topology.users.find(({ name }) => name === user)
  if (!found) return true
  const keys = found.keys.find(one => one.exchange === exchange)
  return new RegExp(found.write).test(exchange) && (!keys || new RegExp(keys.write).test(key))
}

/**
 * Whether the topology lets this user consume from this queue; a user that it does not name may do
 * everything.
 */
export const mayRead = (topology: Topology, user: string, queue: string): boolean => {
  const found = topology.users.find(({ name }) => name === user)
  return !found || new RegExp(found.read).test(queue)
}

/** What holds for a queue: its arguments without `x-`, and over them its policy. */
export const settingsOf = (topology: Topology, queue: string): Readonly<Record<string, string | number>> => {
  const declared = topology.queues.find(({ name }) => name === queue)?.arguments ?? {}
  const policy = topology.policies.find(one => one.queue === queue)?.definition ?? {}
  const bare = Object.entries(declared).map(([name, value]) => [name.replace(/^x-/, ''), value])
  return { ...Object.fromEntries(bare), ...policy }
}
