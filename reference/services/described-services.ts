import type { z } from 'zod'
import { configurations } from '../../services/configurations.ts'
import { loadEach } from '../../services/load-each.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import { type ServiceName, serviceNames } from '../../services/registry.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'

/** A service, and everything that its page is made of. */
export type DescribedService = {
  readonly name: ServiceName
  readonly description: ServiceDescription
  /** Its rules; absent when it reacts to nothing. */
  readonly service: Service | undefined
  /** The variables that it reads. */
  readonly variables: Readonly<Record<string, z.ZodType>>
}

const descriptions = await loadEach<ServiceName, { description: ServiceDescription }>(
  serviceNames,
  'service-description',
)

/** Every service that has a page. */
export const describedServices: readonly DescribedService[] = descriptions.map(([name, { description }]) => ({
  name,
  description,
  service: reactingServices.find(service => service.name === name),
  variables: configurations[name].shape,
}))

/** How these pages point to others: they lie in `services/<name>`. */
export const toRoot = '../..'
