import type { z } from 'zod'
import { configurations } from '../../services/configurations.ts'
import { loadEach } from '../../services/load-each.ts'
import { type ServiceName, serviceNames } from '../../services/registry.ts'
import { rules } from '../../services/rules.ts'
import type { Canvas } from '../../shared/saga/canvas.ts'
import type { Service } from '../../shared/saga/service.ts'

/** A service, and everything that its page is made of. */
export type Portrayed = {
  readonly name: ServiceName
  readonly canvas: Canvas
  /** Its rules; absent when it reacts to nothing. */
  readonly service: Service | undefined
  /** The variables that it reads. */
  readonly variables: Readonly<Record<string, z.ZodType>>
}

const canvases = await loadEach<ServiceName, { canvas: Canvas }>(serviceNames, 'canvas')

/** Every service that has a page. */
export const portrayed: readonly Portrayed[] = canvases.map(([name, { canvas }]) => ({
  name,
  canvas,
  service: rules.find(service => service.name === name),
  variables: configurations[name].shape,
}))

/** How these pages point to others: they lie in `services/<name>`. */
export const toRoot = '../..'
