import type { z } from 'zod'
import { canvas as inventory } from '../../services/inventory/canvas.ts'
import { canvas as order } from '../../services/order/canvas.ts'
import { canvas as payment } from '../../services/payment/canvas.ts'
import { rules } from '../../services/rules.ts'
import { canvas as shipping } from '../../services/shipping/canvas.ts'
import { canvas as tracking } from '../../services/tracking/canvas.ts'
import { configByService } from '../../shared/runtime/variables.ts'
import type { Canvas } from '../../shared/saga/canvas.ts'
import type { Service } from '../../shared/saga/service.ts'

const canvases = { order, inventory, payment, shipping, tracking }

/** A service, and everything that its page is made of. */
export type Portrayed = {
  readonly name: keyof typeof canvases
  readonly canvas: Canvas
  /** Its rules; absent when it reacts to nothing. */
  readonly service: Service | undefined
  /** The variables that it reads. */
  readonly variables: Readonly<Record<string, z.ZodType>>
}

/** Every service that has a page. */
export const portrayed: readonly Portrayed[] = (Object.keys(canvases) as Portrayed['name'][]).map(name => ({
  name,
  canvas: canvases[name],
  service: rules.find(service => service.name === name),
  variables: configByService[name].shape,
}))

/** How these pages point to others: they lie in `services/<name>`. */
export const toRoot = '../..'
