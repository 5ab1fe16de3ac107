import { expect } from 'chai'
import { waitUntil } from '../../local/supervision/wait.ts'
import { startWire, type Wire } from '../messaging/wire.ts'
import { bareEnv, run, runAlone } from './choreo.ts'
import type { runningSystem } from './running-system.ts'

/** How a server is away: nothing listens, or everything is taken in and never answered. */
const absences = ['cut', 'stall'] as const

const order = `ord_${'0'.repeat(26)}`

/**
 * A command of each kind, how it ends while what it asks is away, and once that is back. Each command waits
 * for a server within the time of its test.
 */
const table: readonly (readonly [words: string, code: number, says: RegExp, back: number])[] = [
  [`order get ${order}`, 3, /^no-answer: http\S+ /, 1],
  ['saga list', 3, /^no-answer: http\S+ /, 0],
  ['stock show SKU-1', 3, /^no-answer: http\S+ /, 0],
  ['status', 3, /^ill +The API at \S+ does not answer/m, 0],
  ['dlq list', 3, /^broker-unavailable: .*See whether RabbitMQ runs/, 0],
  ['dlq replay --dry-run', 3, /^broker-unavailable: .*See whether RabbitMQ runs/, 0],
  ['topology plan', 3, /^broker-unavailable: .*See whether RabbitMQ runs/, 0],
  ['tracking rebuild --tracking-url TRACKING', 3, /^no-answer: http\S+ /, 0],
]

type Said = { readonly code: number | null; readonly said: string }

const expectAway = (ran: readonly Said[]): void => {
  for (const [i, [words, code, says]] of table.entries()) {
    expect(ran[i]?.code, `${words}: ${ran[i]?.said}`).to.equal(code)
    expect(ran[i]?.said, words).to.match(says)
  }
}

const expectBack = (ran: readonly Said[]): void => {
  for (const [i, [words, , , code]] of table.entries())
    expect(ran[i]?.code, `${words}: ${ran[i]?.said}`).to.equal(code)
}

/** Of the slowest command: several servers, each given up in 15 s at most. */
const endsWithinMs = 60_000

/**
 * What the commands do while the servers of a running system are away, and when they are back: a suite of its
 * own within that of the system.
 */
export const outlastsAbsentServers = (here: ReturnType<typeof runningSystem>): void => {
  describe('whose servers are away', function () {
    this.timeout(endsWithinMs)
    const wires: Wire[] = []
    let env: NodeJS.ProcessEnv = {}
    let tracking = ''

    const through = async (url: string): Promise<string> => {
      const way = new URL(url)
      const wire = await startWire(Number(way.port))
      wires.push(wire)
      way.host = `127.0.0.1:${wire.port}`
      return way.href
    }
    before(async () => {
      // The broker counts dead letters that were deleted for some seconds more.
      const nothingToSee = async () => (await here.choreo('status')).code === 0
      await waitUntil('a status with nothing to look at', nothingToSee, { deadlineMs: 30_000 })
      const { connections, secrets, url, run: listed } = here.system
      const { admin, amqpUrl } = connections.broker
      const asOperator = (address: string) => {
        const given = new URL(address)
        Object.assign(given, { username: 'operator', password: secrets.operator ?? '' })
        return given.href
      }
      const vhost = new URL(amqpUrl)
      vhost.pathname = '/choreo'
      env = bareEnv({
        CHOREO_DATA: here.folder.path,
        CHOREO_URL: await through(url),
        AMQP_URL: await through(asOperator(vhost.href)),
        RABBITMQ_MANAGEMENT_URL: await through(admin?.managementUrl ?? ''),
        MONGODB_URL: await through(connections.mongodbUrl),
        CHOREO_BROKER_USER_PREFIX: '',
      })
      tracking = await through(listed().find(({ name }) => name === 'tracking')?.url ?? '')
    })
    after(() => Promise.all(wires.map(wire => wire.close())))

    const argsOf = (words: string) => words.split(' ').map(word => (word === 'TRACKING' ? tracking : word))

    /** How each command ends, in the order of the table. */
    const askEach = async (by: typeof run) => {
      const ran = await Promise.all(table.map(([words]) => by(argsOf(words), env)))
      return ran.map(({ code, out, err }) => ({ code, said: err || out }))
    }

    for (const absence of absences)
      it(`ends each command in time with what to do, and does it when they are back: ${absence}`, async () => {
        for (const wire of wires) wire[absence]()
        const away = await askEach(run)
        for (const wire of wires) wire.goOn()
        expectAway(away)
        // In processes of their own: this one still has connections on which a request has begun.
        expectBack(await askEach(runAlone))
      })
  })
}
