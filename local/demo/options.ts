import { parseArgs } from 'node:util'
import { SagaError } from '../../shared/runtime/errors.ts'

/** What the command line of the demo says. */
export type Options = {
  orders: number
  /** What to kill in the middle of it, by its name in run.json. */
  kill: string | undefined
  /** How long all of it may take, in seconds. */
  withinSeconds: number
  help: boolean
}

export const usage = `usage: npm run demo -- [--orders N] [--kill NAME] [--within SECONDS]

Submits N orders of every kind at once (300 unless set) to the system that runs, or to one that it starts for
itself and stops afterwards; shows where they are; then reads the ledgers of the payment provider and the carrier
and the stock, and checks that every cent and item is accounted for. Exit code 0 when all is, 1 when not.

  --orders N        how many orders, 40 or more
  --kill NAME       kill -9 in the middle of it: order, inventory, payment, shipping, or whatever run.json names
  --within SECONDS  how long all orders may take (120 unless set)

The system is found through CHOREO_HTTP_URL (with PAYMENT_PROVIDER_URL and CARRIER_URL for the ledgers), else
through run.json in CHOREO_DATA (.data unless set). CHOREO_BEARER is the key of an operator, when there are keys.
`

/** The options in `args`. @throws SagaError `config-invalid` */
export const optionsOf = (args: readonly string[]): Options => {
  const values = parse(args)
  return {
    orders: whole('orders', values.orders ?? '300'),
    kill: values.kill,
    withinSeconds: whole('within', values.within ?? '120'),
    help: values.help ?? false,
  }
}

const parse = (args: readonly string[]) => {
  const text = { type: 'string' } as const
  const options = { orders: text, kill: text, within: text, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new SagaError('config-invalid', `${why}\n\n${usage}`, { retry: 'never', cause })
  }
}

const whole = (name: string, text: string): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new SagaError('config-invalid', `--${name} must be a whole number above 0`, { retry: 'never' })
}
