import { expect } from 'chai'
import { serviceNames } from '../../services/registry.ts'
import { filesBelow, read } from './page.ts'

/**
 * Words of Node, Express, HTTP, MongoDB, AMQP and of programming in general: they mean here what they mean
 * there.
 */
const vocabulary = new Set(
  [
    [
      'Node, TypeScript',
      'Action',
      'Clock',
      'Duration',
      'Env',
      'Error',
      'Exit',
      'Failure',
      'File',
      'Log',
      'Metrics',
    ],
    [
      '',
      'Options',
      'Process',
      'Random',
      'Server',
      'Session',
      'Stream',
      'Terminal',
      'Span',
      'Work',
      'Periodic',
    ],
    [
      'Express, HTTP',
      'Address',
      'Answer',
      'Body',
      'Client',
      'Connection',
      'Field',
      'Handler',
      'Header',
      'Page',
    ],
    [
      '',
      'Parameter',
      'Problem',
      'Query',
      'Refusal',
      'Reply',
      'Request',
      'Route',
      'Timeout',
      'Admission',
      'Slot',
    ],
    ['MongoDB, Redis', 'Cache', 'Cursor', 'Database', 'Index', 'Mongo', 'Sort', 'Write', 'Range'],
    [
      'AMQP',
      'Ack',
      'Admin',
      'Broker',
      'Death',
      'Headers',
      'Message',
      'Policy',
      'Position',
      'Queue',
      'User',
      'Vhost',
    ],
    [
      'of any program',
      'Code',
      'Command',
      'Config',
      'Content',
      'Context',
      'Count',
      'Definition',
      'Description',
    ],
    [
      '',
      'Detail',
      'Difference',
      'Filter',
      'Group',
      'Help',
      'Id',
      'Input',
      'Item',
      'Key',
      'Kind',
      'Limit',
      'Line',
    ],
    [
      '',
      'Name',
      'Note',
      'Observer',
      'Owner',
      'Part',
      'Place',
      'Plan',
      'Report',
      'Result',
      'Rule',
      'Run',
      'Source',
    ],
    ['', 'State', 'Status', 'Step', 'Subscription', 'Success', 'Tag', 'Type', 'Unit', 'Use', 'Value', 'View'],
    [
      '',
      'Cause',
      'Check',
      'Holder',
      'Readiness',
      'Reader',
      'Sender',
      'Progress',
      'Variable',
      'Verdict',
      'Copy',
    ],
    [
      '',
      'Deps',
      'Operation',
      'Operator',
      'Watcher',
      'Publish',
      'Model',
      'Gauge',
      'Register',
      'Transfer',
      'Depth',
      'Sku',
      'Cents',
    ],
  ].flatMap(([, ...words]) => words),
)

/** Types of functions are named by what they do, and types of states by how something is. */
const byForm =
  /^(On|Find|Read|Report|Publish|Browse|Abandon)[A-Z]|^(Defer|Emits|Keep|Paint)$|(ed|Of|For|As|In|Flight|Intent)$/

const singular = (word: string): string =>
  word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/(?<=ch|x|ss)es$|(?<!s|u)s$/, '')

const wordsOf = (name: string): string[] => name.match(/[A-Z][a-z0-9]*/g) ?? [name]

/** The terms of the page: the first cell of each row. */
const terms = (page: string): Set<string> =>
  new Set(
    [...page.matchAll(/^\| ([A-Z][\w -]+) \|/gm)].map(([, term = '']) =>
      singular(
        term
          .split(/[ -]/)
          .map(word => word.charAt(0).toUpperCase() + word.slice(1))
          .join(''),
      ),
    ),
  )

/** Whether the name ends with a term, or with a word that everybody knows. */
const isKnown = (name: string, known: ReadonlySet<string>): boolean => {
  if (byForm.test(name)) return true
  const words = wordsOf(name)
  return words.some((_, i) => {
    const end = words.slice(i).join('')
    return known.has(end) || known.has(singular(end))
  })
}

const typesIn = (source: string): string[] =>
  [...source.matchAll(/^export (?:type|interface|class) (\w+)/gm)].map(([, name = '']) => name)

describe('the glossary', () => {
  const services = serviceNames.map(name => name.charAt(0).toUpperCase() + name.slice(1))
  const known = new Set([...terms(read('docs/reference/glossary.md')), ...vocabulary, ...services])
  const types = ['shared', 'services', 'rabbitmq', 'cli'].flatMap(top =>
    filesBelow(top, '.ts').flatMap(file => typesIn(read(file))),
  )

  it('has the noun of every exported type, unless it is a word of Node, Express, MongoDB or AMQP', () => {
    expect([...new Set(types)].filter(name => !isKnown(name, known)).sort()).to.deep.equal([])
  })

  it('would miss a word of our own', () => {
    expect(isKnown('OrderDesk', known)).to.equal(false)
    expect(isKnown('RetryPolicy', known)).to.equal(true)
  })

  it('says each term once, in one line', () => {
    const rows = [...read('docs/reference/glossary.md').matchAll(/^\| ([A-Z][\w -]+) \|/gm)].map(
      ([, term]) => term,
    )
    expect(rows).to.have.length(new Set(rows).size)
  })
})
